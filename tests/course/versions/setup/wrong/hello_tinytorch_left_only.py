# why: strips the left side only

# %% hello_tinytorch
#| export
def hello_tinytorch(name="world"):
    who = name.lstrip() or "world"
    return f"Hello {who}, welcome to TinyTorch!"
