# why: "".isspace() is False, so the empty string greets nobody

# %% hello_tinytorch
#| export
def hello_tinytorch(name="world"):
    if name.isspace():
        name = "world"
    return f"Hello {name.strip()}, welcome to TinyTorch!"
