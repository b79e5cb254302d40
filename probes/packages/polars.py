"""Polars: data frames, computed by a pool of threads in Rust."""

NAME = "polars"
IMPORTS = ("polars",)
REQUIRES = ("polars>=0.20",)
STANCE = "unsafe"
SAYS = "Use spawn, not fork: Polars is multithreaded, and a forked child can deadlock."
ADDRESS = "https://docs.pola.rs/user-guide/misc/multiprocessing/"
THREADS = (
    (
        "Deadlock with polars.scan_parquet and fork (a DataLoader of PyTorch)",
        "https://github.com/pola-rs/polars/issues/24162",
    ),
    (
        "It hangs in a Process after the parent used it",
        "https://github.com/pola-rs/polars/issues/14219",
    ),
)


def make():
    import polars

    return polars.DataFrame({"key": [i % 7 for i in range(20000)], "number": list(range(20000))})


def use(frame):
    import polars

    sums = frame.lazy().group_by("key").agg(polars.col("number").sum()).sort("key").collect()
    return sums["number"].to_list() == [sum(range(key, 20000, 7)) for key in range(7)]


def close(frame):
    pass
