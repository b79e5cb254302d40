"""SciPy: numerical algorithms; here linear equations, solved by LAPACK with OpenBLAS."""

NAME = "scipy"
IMPORTS = ("scipy.linalg",)
REQUIRES = ("scipy>=1.5",)
STANCE = "safe"
SAYS = "SciPy works well with multiprocessing, which is widely used and robust (2026); no start method is named."
ADDRESS = "https://scipy.github.io/devdocs/tutorial/parallel_execution.html"
THREADS = (
    (
        "OpenBLAS: deadlock in blas_thread_shutdown_() by parallel calls to fork()",
        "https://github.com/OpenMathLib/OpenBLAS/issues/2270",
    ),
    (
        "Hang in scipy.sparse.linalg.eigsh when called after fork",
        "https://github.com/scipy/scipy/issues/23686",
    ),
)
NOTE = (
    "SciPy 1.18.1 brings an OpenBLAS of its own, 0.3.31, and no fork beside its solve() hung (20 of 20 by hand too); "
    "NumPy 2.5.5 brings 0.3.34, which hangs."
)


def make():
    import numpy

    return numpy.arange(250000, dtype=float).reshape(500, 500) % 11 + 500 * numpy.eye(500)


def use(matrix):
    import numpy
    from scipy import linalg

    right = numpy.arange(500.0)
    return bool(numpy.allclose(matrix @ linalg.solve(matrix, right), right))


def close(matrix):
    pass
