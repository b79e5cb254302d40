"""Numba: Python compiled to machine code; here a loop that runs in parallel threads."""

import os
import tempfile

os.environ.setdefault("NUMBA_CACHE_DIR", os.path.join(tempfile.gettempdir(), "scratch-numba"))

NAME = "numba"
IMPORTS = ("numba",)
REQUIRES = ("numba>=0.55", "numpy>=1.17")
STANCE = "unsafe"
SAYS = "On Linux the threading layer omp is not fork-safe: a forked child is terminated, with a message."
ADDRESS = "https://numba.readthedocs.io/en/stable/user/threading-layer.html"
THREADS = (
    (
        "Interpreter hangs when running parallel function in subprocess with workqueue backend",
        "https://github.com/numba/numba/issues/7872",
    ),
    (
        "Make the workqueue threading backend once again fork safe",
        "https://github.com/numba/numba/pull/8195",
    ),
)


def make():
    import numba

    @numba.njit(parallel=True, cache=True)
    def total(numbers):
        found = 0
        for i in numba.prange(len(numbers)):
            found += numbers[i]
        return found

    return total


def use(compiled):
    import numpy

    return int(compiled(numpy.arange(100000))) == 4999950000


def close(compiled):
    pass
