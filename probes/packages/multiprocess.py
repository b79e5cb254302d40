"""multiprocess: multiprocessing with dill in place of pickle; here a pool of two processes by its default method."""

NAME = "multiprocess"
IMPORTS = ("multiprocess",)
REQUIRES = ("multiprocess>=0.70.12", "dill>=0.3.4")
STANCE = "silent"
SAYS = "Read: the README of 0.70.19."
ADDRESS = "https://multiprocess.readthedocs.io/en/latest/"
SEARCHED = "2026-11-26"


def make():
    import multiprocess

    return multiprocess.Pool(2)


def use(pool):
    return pool.map(lambda number: -number, range(8)) == [-number for number in range(8)]


def close(pool):
    pool.terminate()
    pool.join()
