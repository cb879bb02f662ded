# why: forgets a span when the block raises

# %% Profiler.span
@contextmanager
def span(self, name):
    layer = self.spans[-1] if self.spans else ""
    self.spans.append(name)
    start = self.now()
    yield
    end = self.now()
    self.spans.pop()
    self.record(name, "span", layer, start, end)
