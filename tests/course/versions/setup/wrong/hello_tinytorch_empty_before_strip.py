# why: looks for an empty name before stripping, so white space alone greets nobody
# loses: check_hello_tinytorch

# %% hello_tinytorch
#| export
def hello_tinytorch(name="world"):
    """Greeting for somebody who starts this course.

    name: a string; white space around it does not count, white space inside it stays
    Returns "Hello <name>, welcome to TinyTorch!", with "world" where nothing is left of the name.

    hello_tinytorch(" Ada ") == "Hello Ada, welcome to TinyTorch!"      (about 2 lines)
    Hint: str.strip; an empty string counts as False, so `name or "world"` has a use.
    """
    if not name:
        name = "world"
    return f"Hello {name.strip()}, welcome to TinyTorch!"
