"""PyArrow: columnar data, computed by a pool of threads."""

NAME = "pyarrow"
IMPORTS = ("pyarrow", "pyarrow.compute")
REQUIRES = ("pyarrow>=8",)
STANCE = "unread"
SAYS = "Nobody has read yet what the documentation says of fork."
ADDRESS = "https://arrow.apache.org/docs/cpp/threading.html"


def make():
    import pyarrow

    return pyarrow.table({"key": [i % 7 for i in range(50000)], "number": list(range(50000))})


def use(table):
    sums = table.group_by("key").aggregate([("number", "sum")]).sort_by("key")
    return sums["number_sum"].to_pylist() == [sum(range(key, 50000, 7)) for key in range(7)]


def close(table):
    pass
