# why: reads the arrays before it looks at their fingerprint

# %% bundle.load_bundle
def load_bundle(folder, seal=None):
    folder = Path(folder)
    if seal is not None and sha256(folder / "manifest.json") != seal:
        raise ValueError(f"the seal of {folder} is broken: this is not the manifest that was packed")
    manifest = read_manifest(folder / "manifest.json")
    arrays = load_arrays(folder / "weights.npz")
    if sha256(folder / "weights.npz") != manifest["sha256"]:
        raise ValueError(f"{folder / 'weights.npz'} is not the file that was packed: its fingerprint is another")
    model = layer_from(manifest["model"])
    load_state_dict(model, arrays)
    return Bundle(model.eval(), manifest)
