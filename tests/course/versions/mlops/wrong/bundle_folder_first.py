# why: makes the folder before it knows whether the model can be packed

# %% bundle.save_bundle
def save_bundle(folder, model, name, version, input, classes):
    folder = Path(folder)
    folder.mkdir(parents=True)
    words = describe(model)
    save_arrays(folder / "weights.npz", state_dict(model))
    manifest = {"format": 1, "name": name, "version": version, "input": input, "classes": classes, "model": words}
    manifest["sha256"] = sha256(folder / "weights.npz")
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    return sha256(folder / "manifest.json")
