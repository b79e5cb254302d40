"""scikit-learn: machine learning; here a histogram gradient boosting, which uses OpenMP."""

NAME = "scikit-learn"
IMPORTS = ("sklearn.ensemble",)
REQUIRES = ("scikit-learn>=1.0",)
STANCE = "unsafe"
SAYS = "GCC's OpenMP loses its threads in a forked child, and freezes: use forkserver or spawn (FAQ)."
ADDRESS = (
    "https://scikit-learn.org/stable/faq.html#why-do-i-sometimes-get-a-crash-freeze-with-n-jobs-1-under-osx-or-linux"
)
THREADS = (
    (
        "OpenBLAS hangs when calling DGEMM after a Unix fork: libgomp",
        "https://github.com/xianyi/OpenBLAS/issues/294",
    ),
    (
        "MAINT bump joblib to 0.9.0b4 to use forkserver",
        "https://github.com/scikit-learn/scikit-learn/pull/5199",
    ),
)


def numbers():
    import numpy

    return numpy.arange(4000, dtype=float).reshape(-1, 1)


def make():
    from sklearn.ensemble import HistGradientBoostingRegressor

    data = numbers()
    return HistGradientBoostingRegressor(max_iter=5, learning_rate=1.0).fit(data, (data[:, 0] > 2000) * 1.0)


def use(model):
    told = model.predict(numbers())
    return bool(told[100] < 0.1 and told[3900] > 0.9)


def close(model):
    pass
