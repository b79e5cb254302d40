"""tqdm: progress bars."""

NAME = "tqdm"
IMPORTS = ("tqdm",)
REQUIRES = ("tqdm>=4.50",)
STANCE = "unread"
SAYS = "Nobody has read yet what the documentation says of fork."
ADDRESS = "https://github.com/tqdm/tqdm/wiki"
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
