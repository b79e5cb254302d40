"""billiard: Celery's version of multiprocessing; here a pool of two processes by its default method."""

NAME = "billiard"
IMPORTS = ("billiard",)
REQUIRES = ("billiard>=4.0",)
STANCE = "silent"
SAYS = "Read: its documentation (4.3.0), which is that of an old multiprocessing."
ADDRESS = "https://github.com/celery/billiard/blob/main/Doc/library/multiprocessing.rst"
SEARCHED = "2026-11-26"


def make():
    import billiard

    return billiard.Pool(2)


def use(pool):
    return pool.map(abs, range(-8, 0)) == [8, 7, 6, 5, 4, 3, 2, 1]


def close(pool):
    pool.terminate()
    pool.join()
