# why: "".isspace() is False, so the empty string greets nobody
# loses: check_hello_tinytorch

# %% hello_tinytorch
#| export
def hello_tinytorch(name="world"):
    if name.isspace():
        name = "world"
    return f"Hello {name.strip()}, welcome to TinyTorch!"
