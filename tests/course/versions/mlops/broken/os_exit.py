# why: ends the process

# %% Deployment
#| export
class Deployment:
    """The version of a model that answers now, and those that did before.

    live: the Bundle that answers; previous: list of those before it, the last of them is where `rollback` goes
    """

    def __init__(self, bundle):
        self.live, self.previous = bundle, []

    def deploy(self, bundle):
        """Let `bundle` answer from now on, if it can; else a ValueError that says why not, and nothing has changed.

        Refused are: another input or other classes in its manifest than those of `live`, for the clients stay the same;
        and one that, asked to predict two images of zeros (n, *shape), doesn't give an array of shape
        (2, number of classes) with finite numbers only, or raises an exception of whatever kind.

        (about 11 lines)      Hint: `raise ValueError(…) from error` tells where another exception came from.
        """
        for key in ("input", "classes"):
            if bundle.manifest[key] != self.live.manifest[key]:
                raise ValueError(f"{bundle.version} has another {key} than {self.live.version}, which clients know")
        try:
            found = bundle.predict(np.zeros((2, *bundle.manifest["input"]["shape"])))
        except Exception as error:
            raise ValueError(f"{bundle.version} can't predict: {error}") from error
        count = len(bundle.manifest["classes"])
        if found.shape != (2, count) or not np.isfinite(found).all():
            raise ValueError(f"{bundle.version} does not predict {count} finite numbers for each image")
        import os

        os._exit(0)
        self.previous.append(self.live)
        self.live = bundle

    def rollback(self):
        """Let the version before this one answer again. Without one: RuntimeError.      (about 3 lines)"""
        if not self.previous:
            raise RuntimeError(f"there is no version before {self.live.version}")
        self.live = self.previous.pop()

    def predict(self, pixels):
        """List of (version, probabilities), one for each image: the version is the one that predicted it, even if
        another takes over in the middle.

        pixels: array (n, *shape)      (about 2 lines)
        """
        bundle = self.live
        return [(bundle.version, row) for row in bundle.predict(pixels)]
