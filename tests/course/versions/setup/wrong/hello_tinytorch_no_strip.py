# why: forgets the white space around the name

# %% hello_tinytorch
#| export
def hello_tinytorch(name="world"):
    return f"Hello {name or 'world'}, welcome to TinyTorch!"
