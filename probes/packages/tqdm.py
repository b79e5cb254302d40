"""tqdm: progress bars."""

NAME = "tqdm"
IMPORTS = ("tqdm",)
REQUIRES = ("tqdm>=4.50",)
STANCE = "safe"
SAYS = "The lock of its bars works in forked processes if a bar was made before (TqdmDefaultWriteLock, 4.69.1)."
ADDRESS = "https://github.com/tqdm/tqdm/blob/v4.69.1/tqdm/std.py"
THREADS = (
    (
        "Random deadlocks with multiprocessing",
        "https://github.com/tqdm/tqdm/issues/627",
    ),
    (
        "Fix TMonitor deadlock at interpreter shutdown: a lock that a forked child holds",
        "https://github.com/tqdm/tqdm/pull/1751",
    ),
)


def make():
    import io

    import tqdm

    return tqdm.tqdm(total=1000, file=io.StringIO())


def use(bar):
    import io

    import tqdm

    before = bar.n
    bar.update(3)
    return bar.n == before + 3 and sum(tqdm.tqdm(range(10), file=io.StringIO())) == 45


def close(bar):
    bar.close()
