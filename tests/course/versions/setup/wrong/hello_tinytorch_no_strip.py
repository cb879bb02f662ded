# why: forgets the white space around the name
# loses: check_hello_tinytorch

# %% hello_tinytorch
#| export
def hello_tinytorch(name="world"):
    return f"Hello {name or 'world'}, welcome to TinyTorch!"
