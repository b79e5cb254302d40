"""billiard: Celery's version of multiprocessing; here a pool of two processes by its default method."""

NAME = "billiard"
IMPORTS = ("billiard",)
REQUIRES = ("billiard>=4.0",)
STANCE = "unread"
SAYS = "Nobody has read yet what the documentation says of fork."
ADDRESS = "https://billiard.readthedocs.io/"


def make():
    import billiard

    return billiard.Pool(2)


def use(pool):
    return pool.map(abs, range(-8, 0)) == [8, 7, 6, 5, 4, 3, 2, 1]


def close(pool):
    pool.terminate()
    pool.join()
