# why: the version is looked up after the prediction

# %% Deployment.predict
def predict(self, pixels):
    rows = self.live.predict(pixels)
    return [(self.live.version, row) for row in rows]
