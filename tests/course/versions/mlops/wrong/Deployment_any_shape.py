# why: does not look at the shape

# %% Deployment.deploy
def deploy(self, bundle, gate=None):
    for key in ("input", "classes"):
        if bundle.manifest[key] != self.live.manifest[key]:
            raise ValueError(f"{bundle.version} has another {key} than {self.live.version}, which clients know")
    try:
        found = bundle.predict(np.zeros((2, *bundle.manifest["input"]["shape"])))
    except Exception as error:
        raise ValueError(f"{bundle.version} can't predict: {error}") from error
    count = len(bundle.manifest["classes"])
    if not np.isfinite(found).all():
        raise ValueError(f"{bundle.version} does not predict {count} finite numbers for each image")
    if gate and exit_code(gate(*self.measure([self.live, bundle]))):
        raise ValueError(f"{bundle.version} is slower than {self.live.version}")
    self.previous.append(self.live)
    self.live = bundle
