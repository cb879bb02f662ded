# why: notes in which layer a result was made only for the first that had this id

# %% Profiler.__call__
def __call__(self, function, inputs, options, out, seconds):
    end, name, arrays = self.now(), function.__name__, [x.data for x in inputs]
    layer = self.spans[-1] if self.spans else ""
    flops = operation_flops(name, [x.shape for x in arrays], out.shape, options)
    self.record(name, "forward", layer, end - seconds, end, arrays, [out.data], flops)
    self.made[function] = layer
