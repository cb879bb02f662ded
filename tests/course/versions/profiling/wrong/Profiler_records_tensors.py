# why: gives the inputs to record as Tensors: a view of one then counts as new bytes

# %% Profiler.__call__
def __call__(self, function, inputs, options, out, seconds):
    end, name = self.now(), function.__name__
    layer = self.spans[-1] if self.spans else ""
    flops = operation_flops(name, [x.shape for x in inputs], out.shape, options)
    self.record(name, "forward", layer, end - seconds, end, inputs, [out.data], flops)
    self.made[id(out.data)] = layer
