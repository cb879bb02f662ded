# why: takes check_regressions, whichever gate was given

# %% Deployment.deploy
def deploy(self, bundle, gate=None):
    for key in ("input", "classes"):
        if bundle.manifest[key] != self.live.manifest[key]:
            raise ValueError(f"{bundle.version} has another {key} than {self.live.version}, which clients know")
    try:
        found = bundle.predict(np.zeros((2, *bundle.manifest["input"]["shape"])))
    except Exception as error:
        raise ValueError(f"{bundle.version} can't predict: {error}") from error
    if found.shape != (2, len(bundle.manifest["classes"])) or not np.isfinite(found).all():
        raise ValueError(f"{bundle.version} does not predict a finite number for each class")
    if gate:
        from tinytorch.core.benchmarking import check_regressions

        if exit_code(check_regressions(*self.measure([self.live, bundle]))):
            raise ValueError(f"{bundle.version} is slower than {self.live.version}")
    self.previous.append(self.live)
    self.live = bundle
