# why: replace takes the blanks inside the name away, too

# %% hello_tinytorch
#| export
def hello_tinytorch(name="world"):
    who = name.replace(" ", "").strip() or "world"
    return f"Hello {who}, welcome to TinyTorch!"
