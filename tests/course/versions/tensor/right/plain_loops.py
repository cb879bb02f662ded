# why: plain loops, hardly any helpers

# %% result_dtype
#| export
KINDS = {"b": 0, "u": 1, "i": 1, "f": 2}  # strength of a dtype's kind: bool, unsigned and signed int, float
DEFAULTS = {bool: np.bool_, int: np.int64, float: np.float32}  # what a Python number is when it stands alone


def result_dtype(a, b):
    """The dtype that tensors of the dtypes `a` and `b` give together.

    a, b: dtypes, or what np.dtype takes for one ("int64", np.float32)
    Returns the one of the stronger kind, unchanged; of two of equal strength what np.promote_types says.

    result_dtype(np.int64, np.float32) == np.float32      (about 4 lines)
    Hint: `np.dtype(a).kind` is the letter whose strength KINDS knows.
    """
    first = np.dtype(a)
    second = np.dtype(b)
    if KINDS[first.kind] > KINDS[second.kind]:
        return first
    elif KINDS[second.kind] > KINDS[first.kind]:
        return second
    else:
        return np.promote_types(first, second)

# %% to_array
#| export
def to_array(data, dtype=None):
    """`data` as a numpy array of numbers, shared where possible, copied only where a conversion needs it.

    data: a number, a nested list of numbers, a numpy array or a numpy number
    dtype: the dtype wanted; without it arrays and numpy numbers keep theirs, Python's ints become int64,
        bools bool, and Python's floats float32
    Raises TypeError for what is not of a kind in KINDS (text, None, complex numbers), and ValueError
    for lists of unequal lengths (numpy does that one for you).

    to_array([0.5, 2]).dtype == np.float32, to_array(np.ones(2)).dtype == np.float64      (about 6 lines)
    Hint: np.asarray shares where it can, but makes float64 of Python's floats.
    np.ndarray and np.generic are the types of numpy's arrays and of numpy's numbers.
    """
    is_numpy = isinstance(data, np.ndarray) or isinstance(data, np.generic)
    result = np.asarray(data)
    found = False
    for letter in KINDS:
        if result.dtype.kind == letter:
            found = True
    if not found:
        raise TypeError("cannot make a tensor of " + repr(data))
    if dtype is not None:
        wanted = np.dtype(dtype)
    elif not is_numpy and result.dtype == np.float64:
        wanted = np.dtype(np.float32)
    else:
        wanted = result.dtype
    if wanted != result.dtype:
        result = np.array(data, dtype=wanted)
    return result

# %% contiguous_strides
#| export
def contiguous_strides(shape, itemsize):
    """The strides of a freshly made block, whose last axis is packed.

    shape: a tuple of ints, any length, () is a single number
    itemsize: bytes of one number
    Returns a tuple of as many ints, in bytes.

    contiguous_strides((2, 3, 4), itemsize=4) == (48, 16, 4)      (about 4 lines)
    Hint: walk through the shape from the right; each axis jumps over everything right of it.
    """
    strides = ()
    i = len(shape) - 1
    jump = itemsize
    while i >= 0:
        strides = (jump,) + strides
        jump = jump * shape[i]
        i = i - 1
    return strides

# %% is_contiguous
#| export
def is_contiguous(shape, strides, itemsize):
    """Whether a block's numbers lie packed, in the order of its last axis first, then the one before, and so on.

    shape, strides: tuples of ints of equal length
    itemsize: bytes of one number
    Returns a bool. The stride of an axis of length 1 never matters, for no step is taken along it;
    a block without any numbers (a 0 in its shape) is contiguous.

    is_contiguous((3, 2), (4, 12), itemsize=4) is False      (about 3 lines)
    Hint: compare with contiguous_strides, axis by axis.
    """
    for n in shape:
        if n == 0:
            return True
    jump = itemsize
    for i in range(len(shape) - 1, -1, -1):
        if shape[i] == 1:
            continue
        if strides[i] != jump:
            return False
        jump = jump * shape[i]
    return True

# %% infer_shape
#| export
def infer_shape(shape, size):
    """The shape that `size` entries get, with -1 in `shape` replaced by what fits.

    shape: a tuple of ints, at most one of them -1
    size: how many entries there are
    Returns a tuple.
    Raises ValueError that names `size` and the shape asked for, where they do not fit: the product of the
    entries is not `size`, nothing or anything could stand for -1, or another entry is negative.

    infer_shape((2, -1), size=6) == (2, 3)      (about 6 lines)
    Hint: math.prod of the known entries; it may be 0, and then nothing can be said about -1.
    """
    message = "cannot give " + str(size) + " entries the shape " + str(shape) + ": choose a shape whose product is " + str(size)
    known = 1
    open_at = None
    for i in range(len(shape)):
        if shape[i] == -1:
            if open_at is not None:
                raise ValueError(message)
            open_at = i
        elif shape[i] < 0:
            raise ValueError(message)
        else:
            known = known * shape[i]
    if open_at is None:
        if known == size:
            return tuple(shape)
        raise ValueError(message)
    if known == 0:
        raise ValueError(message)
    if size % known != 0:
        raise ValueError(message)
    result = list(shape)
    result[open_at] = size // known
    return tuple(result)

# %% broadcast_shapes
#| export
def broadcast_shapes(a, b):
    """The shape that the shapes `a` and `b` give together.

    a, b: tuples of ints, of any lengths, () is a single number
    Returns a tuple.
    Raises ValueError that names both shapes and the axis where they differ, counted from the right
    (`axis -1` is the last one).

    broadcast_shapes((64, 3), (3,)) == (64, 3)      (about 7 lines)
    Hint: zip_longest over the reversed shapes, with fillvalue=1.
    """
    longest = len(a)
    if len(b) > longest:
        longest = len(b)
    result = ()
    for step in range(1, longest + 1):
        if step <= len(a):
            x = a[len(a) - step]
        else:
            x = 1
        if step <= len(b):
            y = b[len(b) - step]
        else:
            y = 1
        if x == y:
            n = x
        elif x == 1:
            n = y
        elif y == 1:
            n = x
        else:
            raise ValueError("cannot broadcast " + str(a) + " with " + str(b) + ", see axis -" + str(step))
        result = (n,) + result
    return result

# %% broadcast_strides
#| export
def broadcast_strides(shape, strides, to):
    """The strides with which a block of shape `shape` and strides `strides` is read as if its shape were `to`.

    shape, strides, to: tuples of ints
    Returns a tuple with an entry for each axis of `to`: 0 where an axis is new or stretched, else the stride
    that it has. (An axis of length 1 that stays 1 may have either: no step is taken along it.)
    Raises ValueError that names both shapes, where `shape` cannot be stretched to exactly `to`.

    broadcast_strides((3,), (4,), to=(64, 3)) == (0, 4)      (about 5 lines)
    Hint: broadcast_shapes knows whether it fits; new axes come on the left.
    """
    message = "cannot stretch the shape " + str(shape) + " to the shape " + str(to)
    if len(shape) > len(to):
        raise ValueError(message)
    result = []
    for i in range(len(to)):
        j = i - (len(to) - len(shape))
        if j < 0:
            result.append(0)
        elif shape[j] == to[i]:
            result.append(strides[j])
        elif shape[j] == 1:
            result.append(0)
        else:
            raise ValueError(message)
    return tuple(result)

# %% matmul_shape
#| export
def matmul_shape(a, b):
    """The shape of the matrix product of shapes `a` and `b`.

    a, b: tuples of ints, at least one entry each; all but the last two are batch axes, which broadcast
    Returns a tuple.
    Raises ValueError that names both shapes, where one is () or the inner entries differ (and what
    broadcast_shapes raises, where the batches do not fit).

    matmul_shape((10, 2, 3), (3, 4)) == (10, 2, 4), matmul_shape((2, 3), (3,)) == (2,)      (about 7 lines)
    Hint: slices need no special case for vectors: a[-2:-1] and b[:-2] are () there, and b[-2:][0] is
    the inner entry of a matrix as well as of a vector.
    """
    if len(a) == 0 or len(b) == 0:
        raise ValueError("matmul needs axes, but got " + str(a) + " and " + str(b))
    if len(a) == 1:
        rows, inner_a, batch_a = (), a[0], ()
    else:
        rows, inner_a, batch_a = (a[len(a) - 2],), a[len(a) - 1], a[: len(a) - 2]
    if len(b) == 1:
        columns, inner_b, batch_b = (), b[0], ()
    else:
        columns, inner_b, batch_b = (b[len(b) - 1],), b[len(b) - 2], b[: len(b) - 2]
    if inner_a != inner_b:
        raise ValueError("cannot multiply " + str(a) + " with " + str(b) + ": " + str(inner_a) + " is not " + str(inner_b))
    return broadcast_shapes(batch_a, batch_b) + rows + columns

# %% operations
#| export
def same_dtype(a, b):
    """The arrays `a` and `b`, both in the dtype result_dtype of theirs.

    Returns a tuple of two arrays; one that has the dtype already is not copied.      (about 2 lines)
    Hint: a.astype(dtype, copy=False)
    """
    dtype = result_dtype(a.dtype, b.dtype)
    if a.dtype != dtype:
        a = a.astype(dtype)
    if b.dtype != dtype:
        b = b.astype(dtype)
    return (a, b)


def mul(a, b):
    """Product, entry by entry. Raises the ValueError of broadcast_shapes.      (1 line, see `add`)"""
    return elementwise(np.multiply, a, b)


def div(a, b):
    """Quotient, entry by entry. Ints and bools give float32; dtypes and errors else as for `add`.

    div(np.array([1]), np.array([2])) is [0.5], float32      (about 2 lines)
    Hint: first the same dtype, and only then `floating`: int64 with float64 should not lose digits.
    """
    broadcast_shapes(a.shape, b.shape)
    a, b = same_dtype(a, b)
    a = floating(a)
    b = floating(b)
    return a / b


def exp(a):
    """e to the power of each entry. Ints and bools give float32.      (1 line, see `log`)"""
    a = floating(a)
    return np.exp(a)


def reduce_mean(a, axis=None, keepdims=False):
    """Mean along `axis` (an int, a tuple of ints, None for all). Ints and bools give float32.      (1 line)"""
    a = floating(a)
    return a.mean(axis=axis, keepdims=keepdims)


def matmul(a, b):
    """Matrix product, in the dtype result_dtype of theirs.

    Raises the ValueError of matmul_shape where the shapes do not fit.      (about 2 lines)
    """
    matmul_shape(a.shape, b.shape)
    a, b = same_dtype(a, b)
    return a @ b


def reshape(a, shape):
    """`a` in the shape `shape`, in which one entry may be -1; a view where that is possible.

    Raises the ValueError of infer_shape where the shape does not fit.      (1 line)
    """
    shape = infer_shape(shape, a.size)
    return np.reshape(a, shape)

# %% Tensor
#| export
def holds_numbers(value):
    """Whether `value` is of a type that a Tensor can be compared with: nothing else equals one."""
    return isinstance(value, (Tensor, np.ndarray, np.generic, bool, int, float, list, tuple))


def as_shape(args):
    """The shape meant by the arguments of reshape(2, 3) as well as of reshape((2, 3))."""
    return tuple(args[0]) if len(args) == 1 and isinstance(args[0], (tuple, list)) else args


class Tensor:
    """A block of numbers with shape, strides and dtype, and what automatic differentiation notes on it.

    data: what to_array takes, or a Tensor; memory that needs no conversion is shared, not copied
    dtype: as in to_array
    requires_grad: whether the gradient is wanted; only floating tensors can have one (else ValueError)

    Attributes: data (the numpy array), requires_grad, grad (a Tensor or None), and creator: the tuple
    (function, inputs, options) that made this tensor, where a gradient has to find its way back, else None.
    """

    __array_ufunc__ = None  # tells numpy to leave `array + tensor` to the tensor

    def __init__(self, data, dtype=None, requires_grad=False):
        """Sets self.data, by way of to_array.      (about 3 lines)"""
        if isinstance(data, Tensor):
            self.data = to_array(data.data, dtype)
        else:
            self.data = to_array(data, dtype)
        self.grad = None
        self.creator = None
        self.version = 0  # how often an optimizer has moved these numbers
        self.requires_grad = requires_grad

    @property
    def grad(self):
        return self._grad

    @grad.setter
    def grad(self, grad):
        if grad is not None and not isinstance(grad, Tensor):
            raise TypeError(f"a gradient is a Tensor or None, not {type(grad).__name__}: say .grad = Tensor(array)")
        if grad is not None and grad.shape != self.shape:
            raise ValueError(f"a gradient of shape {grad.shape} is not one of a tensor of shape {self.shape}")
        self._grad = grad

    @property
    def requires_grad(self):
        return self._requires_grad

    @requires_grad.setter
    def requires_grad(self, wanted):
        if wanted and self.dtype.kind != "f":
            raise ValueError(f"only floating tensors can require a gradient, not {self.dtype}: use .astype(np.float32)")
        self._requires_grad = bool(wanted)

    # --- what it is

    @property
    def shape(self):
        return self.data.shape

    @property
    def ndim(self):
        return self.data.ndim

    @property
    def size(self):
        return self.data.size

    @property
    def dtype(self):
        return self.data.dtype

    @property
    def nbytes(self):
        return self.data.nbytes

    @property
    def strides(self):
        return self.data.strides

    def is_contiguous(self):
        """Whether the numbers lie packed, see the function is_contiguous.      (1 line)"""
        return is_contiguous(self.data.shape, self.data.strides, self.data.dtype.itemsize)

    def item(self):
        """The only number of this tensor, as a Python number."""
        if self.size != 1:
            raise ValueError(f"item() is for one number, this tensor has shape {self.shape}: index or sum it first")
        return self.data.item()

    def numpy(self):
        """The array itself: shared, not copied."""
        return self.data

    def __array__(self, dtype=None, copy=None):
        """What np.asarray(tensor) gives: the array, where no gradient gets lost on the way."""
        if self.requires_grad:
            raise RuntimeError("numpy would lose this tensor's gradient without a word: say .detach() or .numpy()")
        return np.array(self.data, dtype, copy=copy)

    def __len__(self):
        if self.ndim == 0:
            raise TypeError("a tensor without axes has no length")
        return len(self.data)

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    def __bool__(self):
        return bool(self.data)

    def __repr__(self):
        text = np.array2string(self.data, separator=", ", threshold=100, prefix="Tensor(")
        return f"Tensor({text}, shape={self.shape}, {self.dtype}{', requires_grad' * self.requires_grad})"

    # --- arithmetic

    def _operand(self, other):
        """The other side of an operator, as a Tensor.

        other: a Tensor (which is left as it is), a number, or what the constructor takes
        A Python number gets the dtype that scalar_dtype says, next to this tensor.      (about 3 lines)
        """
        if isinstance(other, np.generic):
            other = other.item()  # here numpy's numbers count as Python's
        if type(other) in DEFAULTS:
            return Tensor(other, scalar_dtype(other, self.dtype))
        if not isinstance(other, Tensor):
            other = Tensor(other)
        return other

    def __add__(self, other):
        return apply(add, self, self._operand(other))

    def __radd__(self, other):
        return apply(add, self._operand(other), self)

    def __sub__(self, other):
        return apply(sub, self, self._operand(other))

    def __rsub__(self, other):
        """What `other - self` calls, where `other` is no Tensor.      (1 line)"""
        return self._operand(other) - self

    def __mul__(self, other):
        """self * other      (1 line)"""
        other = self._operand(other)
        return apply(mul, self, other)

    def __rmul__(self, other):
        return apply(mul, self._operand(other), self)

    def __truediv__(self, other):
        return apply(div, self, self._operand(other))

    def __rtruediv__(self, other):
        return apply(div, self._operand(other), self)

    def __pow__(self, other):
        return apply(pow, self, self._operand(other))

    def __rpow__(self, other):
        return apply(pow, self._operand(other), self)

    def __matmul__(self, other):
        """self @ other      (1 line)"""
        other = self._operand(other)
        return apply(matmul, self, other)

    def __rmatmul__(self, other):
        return apply(matmul, self._operand(other), self)

    def __neg__(self):
        return apply(neg, self)

    # --- comparisons, entry by entry: the result is a Tensor of bools

    def __eq__(self, other):
        return apply(equal, self, self._operand(other)) if holds_numbers(other) else NotImplemented

    def __ne__(self, other):
        return apply(not_equal, self, self._operand(other)) if holds_numbers(other) else NotImplemented

    def __lt__(self, other):
        return apply(less, self, self._operand(other))

    def __le__(self, other):
        return apply(less_equal, self, self._operand(other))

    def __gt__(self, other):
        return apply(greater, self, self._operand(other))

    def __ge__(self, other):
        return apply(greater_equal, self, self._operand(other))

    __hash__ = object.__hash__  # in sets and dicts, a Tensor is itself, whatever its numbers are

    def __contains__(self, number):
        """Whether any entry is `number`."""
        return bool((self == number).data.any())

    def exp(self):
        return apply(exp, self)

    def log(self):
        return apply(log, self)

    # --- reductions: axis is an int, a tuple of ints, or None for all

    def sum(self, axis=None, keepdims=False):
        return apply(reduce_sum, self, axis=axis, keepdims=keepdims)

    def mean(self, axis=None, keepdims=False):
        return apply(reduce_mean, self, axis=axis, keepdims=keepdims)

    def max(self, axis=None, keepdims=False):
        return apply(reduce_max, self, axis=axis, keepdims=keepdims)

    # --- the same numbers, read in another way

    def reshape(self, *shape):
        """The same numbers in another shape, sharing memory where that is possible.

        shape: ints, or one tuple or list of ints (as_shape helps); one entry may be -1      (1 line)
        """
        shape = as_shape(shape)
        return apply(reshape, self, shape=shape)

    def transpose(self, *axes):
        """A view with the axes in the order `axes`, all of them; without axes: reversed."""
        return apply(transpose, self, axes=as_shape(axes) or None)

    @property
    def T(self):
        return self.transpose()

    def expand(self, *shape):
        """A read-only view stretched to `shape`, by the rules of broadcasting."""
        return apply(expand, self, shape=as_shape(shape))

    def __getitem__(self, index):
        """index: as in numpy; Tensors in it count as arrays. Slices are views."""
        parts = index if isinstance(index, tuple) else (index,)
        parts = tuple(part.data if isinstance(part, Tensor) else part for part in parts)
        return apply(getitem, self, index=parts if isinstance(index, tuple) else parts[0])

    def contiguous(self):
        """This tensor itself if it is contiguous, else what the operation `copy` makes of it.      (about 3 lines)"""
        if not self.is_contiguous():
            return apply(copy, self)
        return self

    def astype(self, dtype):
        """The same numbers in another dtype; shares memory if it has that dtype already."""
        return apply(cast, self, dtype=np.dtype(dtype))

    # --- gradients

    def detach(self):
        """A Tensor of the same memory that knows nothing about gradients."""
        return Tensor(self.data)

    def zero_grad(self):
        self.grad = None

    @property
    def creator(self):
        return self._creator

    @creator.setter
    def creator(self, creator):
        """Remembers the versions of the inputs, too: backward is only right for the numbers that forward has seen."""
        self._creator = creator
        self.seen = [getattr(x, "version", 0) for x in creator[1]] if creator else []

    def backward(self, grad=None, retain_graph=False):
        """Computes the gradients of all tensors that this one was made from: you build this in module 4."""
        from tinytorch.core.autograd import backward

        backward(self, grad, retain_graph)

# %% apply
#| export
listeners = []  # after every operation each one is called as listener(function, inputs, options, out, seconds)
recording = ContextVar("recording", default=True)  # whether results note their creator: each thread has its own switch


def apply(function, *inputs, **options):
    """Carry out `function` on the arrays of `inputs`: the one place where operations happen.

    function: takes arrays and keyword options, returns an array
    inputs: Tensors
    options: keyword arguments for `function` (axis, shape, ...), through which no gradient flows
    Returns a Tensor `out`. If `recording.get()`, `out` is floating, and any input requires a gradient, then `out`
    requires one, too, and its creator is the tuple (function, inputs, options).
    Last, all listeners hear of it, in their order, and whether or not it was recorded.

    apply(add, Tensor([1.0]), Tensor([2.0])) gives Tensor([3.0])      (about 7 lines)
    Hint: any(x.requires_grad for x in inputs)
    """
    start = time.perf_counter()
    data = function(*(x.data for x in inputs), **options)
    seconds = time.perf_counter() - start
    out = Tensor(data)
    wanted = False
    for x in inputs:
        if x.requires_grad:
            wanted = True
    if not recording.get():
        wanted = False
    if out.dtype.kind != "f":
        wanted = False
    if wanted:
        out.requires_grad = True
        out.creator = (function, inputs, options)
    for i in range(len(listeners)):
        listeners[i](function, inputs, options, out, seconds)
    return out

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
        nbytes = out.nbytes
        for x in inputs:
            if np.shares_memory(x.data, out.data):
                nbytes = 0
        row = (function.__name__, nbytes)
        self.rows.append(row)
