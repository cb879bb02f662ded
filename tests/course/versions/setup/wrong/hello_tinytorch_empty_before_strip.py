# why: looks for an empty name before stripping, so white space alone greets nobody

# %% hello_tinytorch
#| export
def hello_tinytorch(name="world"):
    if not name:
        name = "world"
    return f"Hello {name.strip()}, welcome to TinyTorch!"
