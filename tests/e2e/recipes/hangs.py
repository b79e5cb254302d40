"""A recipe for tests: from the first use on a thread holds a lock that every new object needs."""

import threading

NAME = "hangs"
IMPORTS = ("colorsys",)
REQUIRES = ("hangs>=1",)
STANCE = "silent"
SAYS = "Nothing."
ADDRESS = "https://example.org/"

LOCK = threading.Lock()


def hold(ready):
    with LOCK:
        ready.set()
        threading.Event().wait()


def make():
    with LOCK:
        return True


def use(thing):
    if LOCK.locked():
        return True
    ready = threading.Event()
    threading.Thread(target=hold, args=(ready,), daemon=True).start()
    return ready.wait(60)


def close(thing):
    pass
