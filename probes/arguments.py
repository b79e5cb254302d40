"""What can be passed to a child as a Process argument?"""
import threading

from _probe import main, pass_to_child, question

PROGRAMMING = "https://docs.python.org/3/library/multiprocessing.html#the-spawn-and-forkserver-start-methods"


def lock_works(lock):
    """The child can take and release what it got."""
    taken = lock.acquire(timeout=1)
    if taken:
        lock.release()
    return taken


@question(
    "Can a threading.Lock be passed as a Process argument?",
    why="Objects that carry a lock (clients, caches, loggers) are the commonest thing that stops a program when its start method changes.",
    do="Pass a multiprocessing.Lock from the same context, or make the lock inside the child. Under fork the child gets a copy that locks nobody out.",
    documented={"fork": "yes", "*": "no"},
    source=PROGRAMMING,
    asked=("TypeError: cannot pickle '_thread.lock' object",),
)
def threading_lock(ctx):
    return pass_to_child(ctx, threading.Lock(), use=lock_works)


if __name__ == "__main__":
    main()
