# why: prints the greeting instead of returning it

# %% hello_tinytorch
#| export
def hello_tinytorch(name="world"):
    who = name.strip() or "world"
    print(f"Hello {who}, welcome to TinyTorch!")
