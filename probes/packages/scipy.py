"""SciPy: numerical algorithms; here linear equations, solved by LAPACK with OpenBLAS."""

NAME = "scipy"
IMPORTS = ("scipy.linalg",)
REQUIRES = ("scipy>=1.5",)
STANCE = "unread"
SAYS = "Nobody has read yet what the documentation says of fork."
ADDRESS = "https://docs.scipy.org/doc/scipy/tutorial/thread_safety.html"
THREADS = (
    (
        "OpenBLAS: deadlock in blas_thread_shutdown_() by parallel calls to fork()",
        "https://github.com/OpenMathLib/OpenBLAS/issues/2270",
    ),
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
