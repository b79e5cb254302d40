"""NumPy: arrays and linear algebra, with OpenBLAS and its threads."""

NAME = "numpy"
IMPORTS = ("numpy",)
REQUIRES = ("numpy>=1.17",)
STANCE = "silent"
SAYS = "Read: Thread safety, which recommends multiprocessing for some work and names no start method (2025)."
ADDRESS = "https://numpy.org/doc/stable/reference/thread_safety.html"
THREADS = (
    (
        "OpenBLAS: deadlock in blas_thread_shutdown_() by parallel calls to fork()",
        "https://github.com/OpenMathLib/OpenBLAS/issues/2270",
    ),
    (
        "OpenBLAS: deadlock after fork when calling dgetrf_",
        "https://github.com/OpenMathLib/OpenBLAS/issues/5520",
    ),
    (
        "Binary builds deadlock due to OpenBLAS threading issue with fork",
        "https://github.com/numpy/numpy/issues/30092",
    ),
)
NOTE = (
    "If a thread is inside BLAS during a fork, three things were seen by hand (2.5.5): os.fork() does not return, or "
    "the child hangs in its first product and the parent's thread never ends. The answer below is what came first."
)


def make():
    import numpy

    return numpy.arange(360000, dtype=float).reshape(600, 600) % 7  # large enough for the threads of BLAS


def use(matrix):
    product = matrix @ matrix
    return int(product[3, 5]) == sum(int(matrix[3, k]) * int(matrix[k, 5]) for k in range(600))


def close(matrix):
    pass
