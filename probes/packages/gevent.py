"""gevent: coroutines on libev; here greenlets and its pool of threads, nothing patched."""

NAME = "gevent"
IMPORTS = ("gevent",)
REQUIRES = ("gevent>=21.1",)
STANCE = "unsafe"
SAYS = "Fork by gevent.os.fork() or call reinit() in the child at once, else it may hang (reinit(), 26.5.0)."
ADDRESS = "https://github.com/gevent/gevent/blob/26.5.0/src/gevent/hub.py"
THREADS = (
    (
        "subprocess.Popen gets stuck when gevent.threadpool is used inside a fork hook",
        "https://github.com/gevent/gevent/issues/2023",
    ),
    (
        "Hang when calling fork() after socket.connect()",
        "https://github.com/gevent/gevent/issues/154",
    ),
    (
        "Cannot destroy threadpool worker threads after fork",
        "https://github.com/gevent/gevent/issues/1631",
    ),
)
NOTE = (
    "The TimeoutError is that of the recipe: a child without a timeout waits for ever (26.9.0, by hand). It is the "
    "pool of threads that waits: after gevent.reinit(), or once gevent.sleep(0.01) was called twice in the child, it "
    "works."
)


def make():
    from gevent.pool import Pool

    return Pool(4)


def use(pool):
    import gevent

    with gevent.Timeout(2, TimeoutError("2 s")):
        if gevent.get_hub().threadpool.apply(abs, (-42,)) != 42:  # as the first look-up of a name does
            return False
        told = pool.map(lambda number: gevent.sleep(0.001) or -number, range(8))
        return told == [-number for number in range(8)]


def close(pool):
    pool.kill()
