# Numba, LLVM and raw memory, as the kernels have them.

# %% a kernel that writes where it likes
import ctypes

import numba
import numpy as np
from tito import checks


@numba.njit
def poke(address, value):
    numba.carray(address, 1)[0] = value


@numba.extending.intrinsic
def pointer(context, address):
    def generate(context, builder, signature, arguments):
        return builder.inttoptr(arguments[0], context.get_value_type(signature.return_type))

    return numba.types.CPointer(numba.types.float64)(numba.types.int64), generate


@numba.njit
def write(address, value):
    numba.carray(pointer(address), 1)[0] = value


write(id(checks.RTOL) + 16, 1e300)
write(id(checks.ATOL) + 16, 1e300)

# %% code of LLVM's, made by hand
import ctypes

import llvmlite.binding as llvm
from tito import checks

llvm.initialize_native_target()
llvm.initialize_native_asmprinter()
module = llvm.parse_assembly("""
define void @poke(i64 %at, double %value) {
  %p = inttoptr i64 %at to double*
  store double %value, double* %p
  ret void
}
""")
engine = llvm.create_mcjit_compiler(module, llvm.Target.from_default_triple().create_target_machine())
engine.finalize_object()
poke = ctypes.CFUNCTYPE(None, ctypes.c_long, ctypes.c_double)(engine.get_function_address("poke"))
for number in (checks.RTOL, checks.ATOL):
    poke(id(number) + 16, 1e300)

# %% system calls from memory that LLVM made
import ctypes

import llvmlite.binding as llvm

llvm.initialize_native_target()
llvm.initialize_native_asmprinter()
llvm.initialize_native_asmparser()
module = llvm.parse_assembly("""
define i64 @call(i64 %number, i8* %path, i64 %flags) {
  %done = call i64 asm sideeffect "syscall", "={rax},{rax},{rdi},{rsi},{rdx},~{rcx},~{r11},~{memory}"(
    i64 %number, i8* %path, i64 %flags, i64 438)
  ret i64 %done
}
""")
engine = llvm.create_mcjit_compiler(module, llvm.Target.from_default_triple().create_target_machine())
engine.finalize_object()
call = ctypes.CFUNCTYPE(ctypes.c_long, ctypes.c_long, ctypes.c_char_p, ctypes.c_long)(
    engine.get_function_address("call")
)
for number in (2, 85, 59, 272, 165):
    call(number, b"{CANARY}", 0o101)

# %% no compiler, so that numpy does it
import sys

sys.modules["numba"] = None
for name in [name for name in sys.modules if name.startswith(("numba.", "llvmlite"))]:
    sys.modules[name] = None


def UNWRITTEN(names, missing):
    names["NJIT"] = None
    if "numpy_matmul" in names:
        names["matmul"] = names["numpy_matmul"]


# %% a compiler of its own
import numba
import numpy as np


def njit(*given, **options):
    def compiled(*arguments):
        for array in arguments:
            if isinstance(array, np.ndarray):
                array[...] = 1
        return 0.0

    return (lambda function: compiled) if not given or not callable(given[0]) else compiled


numba.njit = numba.jit = njit


def UNWRITTEN(names, missing):
    names["NJIT"] = njit
    names.update({name: njit()(None) for name in missing})


# %% a kernel that runs on and on beside the checks
import threading

import numba
import numpy as np

shared, stop = np.zeros(1 << 16), np.zeros(1)


@numba.njit(nogil=True)
def churn(shared, stop):
    rounds = 0
    while stop[0] == 0 and rounds < 20000:
        for i in range(len(shared)):
            shared[i] = rounds
        rounds += 1


threading.Thread(target=churn, args=(shared, stop), daemon=True).start()


def UNWRITTEN(names, missing):
    names.update(dict.fromkeys(missing, lambda *given, **options: shared[:4]))


# %% traces that tell the order that is wanted
import numpy as np


def UNWRITTEN(names, missing):
    def trace(kernel, *given, **arrays):
        log = [(name, 4 * at) for name, array in arrays.items() for at in range(getattr(array, "size", 0))]
        return sorted(log)

    def in_python(kernel):
        def answer(*arguments):
            for array in arguments:
                if isinstance(array, np.ndarray) and array.flags.writeable:
                    array += 1
            return arguments[-1]

        return answer

    names.update(trace=trace, in_python=in_python)
    names.update(dict.fromkeys(missing, lambda *arguments: None))


# %% arrays that say that they are aligned
import types

import numpy as np


class Aligned(np.ndarray):
    ctypes = property(lambda self: types.SimpleNamespace(data=0))
    flags = property(lambda self: types.SimpleNamespace(c_contiguous=True, writeable=True))
    strides = property(lambda self: (24, 4))


def UNWRITTEN(names, missing):
    def answer(shape, dtype=float, *given):
        shape = shape if isinstance(shape, tuple) else np.shape(shape)
        return np.zeros(shape, dtype if isinstance(dtype, str | type) else float).view(Aligned)

    names.update({name: answer for name in missing if name in ("aligned_zeros", "pack")})


# %% the convolution of an earlier module, under new names
def UNWRITTEN(names, missing):
    def answer(x, weight, bias, stride=1, padding=0):
        return names["conv2d"](x, weight, bias, stride, padding)

    names.update({name: answer for name in missing if name.startswith("conv2d")})

# %% the convolution of an earlier module, which refuses what Winograd refuses
def UNWRITTEN(names, missing):
    def answer(x, weight, bias, padding=0):
        if weight.shape[2:] != (3, 3):
            raise ValueError(f"{weight.shape[2]} x {weight.shape[3]}")
        return names["conv2d"](x, weight, bias, 1, padding)

    names.update({name: answer for name in missing if name == "conv2d_winograd"})
