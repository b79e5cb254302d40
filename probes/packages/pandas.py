"""pandas: data frames."""

NAME = "pandas"
IMPORTS = ("pandas",)
REQUIRES = ("pandas>=1.3",)
STANCE = "silent"
SAYS = "Read: the FAQ, which speaks of threads."
ADDRESS = "https://pandas.pydata.org/docs/user_guide/gotchas.html#thread-safety"


def make():
    import pandas

    return pandas.DataFrame({"key": [i % 7 for i in range(50000)], "number": range(50000)})


def use(frame):
    return frame.groupby("key")["number"].sum().tolist() == [sum(range(key, 50000, 7)) for key in range(7)]


def close(frame):
    pass
