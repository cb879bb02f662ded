# why: _operand gives numbers the dtype that they have alone, so 0.1 next to float64 has float32 digits
# loses: check_Tensor_operators

# %% Tensor
#| export
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
            data = data.data
        self.data = to_array(data, dtype)
        self.grad = None
        self.creator = None
        self.requires_grad = requires_grad

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
        return is_contiguous(self.shape, self.strides, self.data.itemsize)

    def item(self):
        """The only number of this tensor, as a Python number."""
        if self.size != 1:
            raise ValueError(f"item() is for one number, this tensor has shape {self.shape}: index or sum it first")
        return self.data.item()

    def numpy(self):
        """The array itself: shared, not copied."""
        return self.data

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
        return other if isinstance(other, Tensor) else Tensor(other)

    def __add__(self, other):
        return apply(add, self, self._operand(other))

    def __radd__(self, other):
        return apply(add, self._operand(other), self)

    def __sub__(self, other):
        return apply(sub, self, self._operand(other))

    def __rsub__(self, other):
        """What `other - self` calls, where `other` is no Tensor.      (1 line)"""
        return apply(sub, self._operand(other), self)

    def __mul__(self, other):
        """self * other      (1 line)"""
        return apply(mul, self, self._operand(other))

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
        return apply(matmul, self, self._operand(other))

    def __rmatmul__(self, other):
        return apply(matmul, self._operand(other), self)

    def __neg__(self):
        return apply(neg, self)

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
        return apply(reshape, self, shape=as_shape(shape))

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
        if self.is_contiguous():
            return self
        return apply(copy, self)

    def astype(self, dtype):
        """The same numbers in another dtype; shares memory if it has that dtype already."""
        return apply(cast, self, dtype=np.dtype(dtype))

    # --- gradients

    def detach(self):
        """A Tensor of the same memory that knows nothing about gradients."""
        return Tensor(self.data)

    def zero_grad(self):
        self.grad = None

    def backward(self, grad=None):
        """Computes the gradients of all tensors that this one was made from: you build this in module 4."""
        from tinytorch.core.autograd import backward

        backward(self, grad)
