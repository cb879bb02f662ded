# why: split and join also shortens white space inside the name

# %% hello_tinytorch
#| export
def hello_tinytorch(name="world"):
    who = " ".join(name.split()) or "world"
    return f"Hello {who}, welcome to TinyTorch!"
