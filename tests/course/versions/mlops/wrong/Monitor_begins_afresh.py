# why: a report empties the window

# %% Monitor.report
def report(self):
    if len(self.seen) < self.seen.maxlen:
        return {}
    rows, labels, seconds = (np.array(column) for column in zip(*self.seen, strict=True))
    report = {"latency p50": np.quantile(seconds, 0.5), "latency p99": np.quantile(seconds, 0.99)}
    watched = {name: (self.reference[name], feature(rows)) for name, feature in FEATURES.items()}
    for name, (then, now) in watched.items():
        report[f"psi {name}"] = psi(*(shares(values, bin_edges(then)) for values in (then, now)))
        report[f"ks {name}"] = ks_test(then, now)[1]
    report["psi prediction"] = psi(*(shares(x, np.arange(1, self.classes)) for x in (self.labels, labels)))
    report |= {f"share {name}": rule(rows).mean() for name, rule in RULES.items()}
    self.seen.clear()
    return {name: float(value) for name, value in report.items()}
