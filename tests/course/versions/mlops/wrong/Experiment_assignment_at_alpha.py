# why: is as strict with its own assignment as with the rest

# %% Experiment.verdict
def verdict(self):
    a, b = self.shares
    worse = {event: self.rate(b, event) > self.rate(a, event) for event in ("success", *self.guards)}
    if self.p["assignment"] < self.alpha:
        return "assignment is broken"
    for guard in self.guards:
        if self.p[guard] < self.alpha and worse[guard]:
            return f"roll back {b}: more {guard}"
    if self.p["success"] < self.alpha:
        return f"ship {b}" if worse["success"] else f"keep {a}"
    return "go on"
