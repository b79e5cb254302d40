"""What a child of os.fork() sees, told to its parent through a pipe."""

import os

from _probe import LIMIT, Unavailable, describe, wait_until


def patient(condition, _):
    """Wait for what must come."""
    return wait_until(condition, LIMIT)


def forked(look, waiting=None):
    """What look() returns, as a text, in a child of os.fork() that then ends at once; 'raised …' if it raises.

    '' if waiting(condition, the child's ID) gave up: the child is then ended. Raises Unavailable where nothing forks.
    """
    if not hasattr(os, "fork"):
        raise Unavailable("there is no os.fork()")
    reader, writer = os.pipe()
    try:
        child = os.fork()
    except OSError as error:
        raise Unavailable(describe(error)) from error
    if child == 0:
        try:
            try:
                text = look()
            except Exception as error:
                text = "raised " + describe(error)
            os.write(writer, text.encode())
        finally:
            os._exit(0)
    os.close(writer)
    if waiting is not None and not waiting(lambda: _readable(reader), child):
        import signal

        os.kill(child, signal.SIGKILL)
    with open(reader, "rb") as file:
        told = file.read().decode()
    os.waitpid(child, 0)
    return told


def _readable(descriptor):
    import select

    return select.select([descriptor], [], [], 0)[0]
