# why: measures versions that can't even predict

# %% Deployment.deploy
def deploy(self, bundle, gate=None):
    if gate and exit_code(gate(*self.measure([self.live, bundle]))):
        raise ValueError(f"{bundle.version} is slower than {self.live.version}")
    for key in ("input", "classes"):
        if bundle.manifest[key] != self.live.manifest[key]:
            raise ValueError(f"{bundle.version} has another {key} than {self.live.version}, which clients know")
    try:
        found = bundle.predict(np.zeros((2, *bundle.manifest["input"]["shape"])))
    except Exception as error:
        raise ValueError(f"{bundle.version} can't predict: {error}") from error
    if found.shape != (2, len(bundle.manifest["classes"])) or not np.isfinite(found).all():
        raise ValueError(f"{bundle.version} does not predict a finite number for each class")
    self.previous.append(self.live)
    self.live = bundle
