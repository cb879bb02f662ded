# why: strips blanks and line ends only, so tabs stay

# %% hello_tinytorch
#| export
def hello_tinytorch(name="world"):
    who = name.strip(" \n")
    if not who:
        who = "world"
    return f"Hello {who}, welcome to TinyTorch!"
