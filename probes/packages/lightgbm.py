"""LightGBM: gradient boosting with OpenMP."""

NAME = "lightgbm"
IMPORTS = ("lightgbm",)
REQUIRES = ("lightgbm>=4.0", "numpy>=1.17")
STANCE = "unsafe"
SAYS = "OpenMP hangs forked processes when multithreading is on: use nthreads=1, or new processes instead of fork."
ADDRESS = "https://lightgbm.readthedocs.io/en/stable/FAQ.html"
THREADS = (
    (
        "Python API hangs when run twice in distributed setting",
        "https://github.com/lightgbm-org/LightGBM/issues/1789",
    ),
    (
        "Are there plans to fix: LightGBM hangs when multithreading and forking",
        "https://github.com/lightgbm-org/LightGBM/issues/4751",
    ),
)


def numbers():
    import numpy

    return numpy.arange(4000, dtype=float).reshape(-1, 1)


def make():
    import lightgbm

    data = numbers()
    train = lightgbm.Dataset(data, label=(data[:, 0] > 2000).astype(float))
    return lightgbm.train({"objective": "binary", "verbose": -1, "num_threads": 2}, train, 5)


def use(booster):
    told = booster.predict(numbers(), num_threads=2)
    return bool(told[100] < 0.5 < told[3900]) and len(told) == 4000


def close(booster):
    pass
