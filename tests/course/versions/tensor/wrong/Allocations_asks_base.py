# why: takes whatever has a base for a view, but a reshape that had to copy has one, too
# loses: check_Allocations

# %% Allocations
#| export
class Allocations:
    """Counts the bytes that operations allocate for their results, inside a `with` statement.

    with Allocations() as count:
        (a + b) * c
    count.rows      # for each operation, in order, the tuple (name of the function, bytes)
    count.bytes     # of all of them
    """

    def __init__(self):
        self.rows = []

    @property
    def bytes(self):
        return sum(nbytes for _, nbytes in self.rows)

    def __enter__(self):
        listeners.append(self)
        return self

    def __exit__(self, *error):
        listeners.remove(self)

    def __call__(self, function, inputs, options, out, seconds):
        """Notes a row: out.nbytes, but 0 bytes if `out` shares memory with an input.

        (about 2 lines)      Hint: np.shares_memory takes two arrays, function.__name__ is a name.
        """
        self.rows.append((function.__name__, out.nbytes if out.data.base is None else 0))
