"""PyArrow: columnar data, computed by a pool of threads."""

NAME = "pyarrow"
IMPORTS = ("pyarrow", "pyarrow.compute")
REQUIRES = ("pyarrow>=8",)
STANCE = "safe"
SAYS = "Its pools of threads are made anew in a forked child, by handlers that it registers."
ADDRESS = "https://github.com/apache/arrow/pull/14594"
THREADS = (
    (
        "Fork protection for PyArrow Flight",
        "https://github.com/apache/arrow/issues/38617",
    ),
    (
        "Add option to disable atfork handlers",
        "https://github.com/apache/arrow/issues/49146",
    ),
)


def make():
    import pyarrow

    return pyarrow.table({"key": [i % 7 for i in range(50000)], "number": list(range(50000))})


def use(table):
    sums = table.group_by("key").aggregate([("number", "sum")]).sort_by("key")
    return sums["number_sum"].to_pylist() == [sum(range(key, 50000, 7)) for key in range(7)]


def close(table):
    pass
