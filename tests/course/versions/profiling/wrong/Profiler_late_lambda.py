# why: its lambda looks up the function when it is called: always the table's last

# %% Profiler.__enter__
def __enter__(self):
    self.gradients = dict(GRADIENTS)
    for function, backward in self.gradients.items():
        GRADIENTS[function] = timed(backward, lambda *heard: self.note_backward(function, *heard), self.now)
    listeners.append(self)
    return self
