"""What every command line of canifork does around its work: safe output, short errors, the right exit status."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import sys
from collections.abc import Callable

from matrix.errors import CaniforkError, ResourceError, Status, WriteError
from matrix.system import inherited, interrupts, terminal

_NO_RESOURCES = (errno.EMFILE, errno.ENFILE, errno.EAGAIN, errno.ENOMEM)


def guarded(work: Callable[[], int]) -> int:
    """Do some work; returns an exit status. Whatever happens to it, there is no traceback but of a bug."""
    with terminal.safe_streams():
        try:
            inherited.normalize()
            _hear_interrupts()
            status = work()
            sys.stdout.flush()
        except KeyboardInterrupt:
            return int(Status.INTERRUPTED)
        except BrokenPipeError:  # `| head` has read enough
            _discard(sys.stdout.fileno())
            return int(Status.PIPE)
        except (CaniforkError, OSError, RuntimeError) as error:
            if isinstance(error.__cause__, KeyboardInterrupt):  # in a class statement, while something was imported
                return int(Status.INTERRUPTED)
            return _report(_explained(error))
        return status


def _hear_interrupts() -> None:
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        with contextlib.suppress(ValueError):  # not the main thread
            signal.signal(signal.SIGINT, signal.default_int_handler)
    interrupts.throw()  # a cancelled job cleans up as after Ctrl-C


def _explained(error: Exception) -> CaniforkError:
    """What the operating system refused, in canifork's words. Raises the error if it is a bug."""
    if isinstance(error, CaniforkError):
        return error
    no_thread = isinstance(error, RuntimeError) and "can't start new thread" in str(error)
    if no_thread or (isinstance(error, OSError) and error.errno in _NO_RESOURCES):
        reason = error.strerror if isinstance(error, OSError) else str(error)
        return ResourceError(f"The system gives no more resources: {reason}. Use fewer --jobs, or see `ulimit -a`.")
    if isinstance(error, OSError) and error.errno is not None:
        where = error.filename if error.filename is not None else "the output"
        return WriteError(f"Cannot read or write {where}: {error.strerror}.")
    raise error


def _report(error: CaniforkError) -> int:
    with contextlib.suppress(OSError):
        print(f"canifork: {error}", file=sys.stderr, flush=True)
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
        return int(error.status)
    _discard(sys.stdout.fileno())
    return int(error.status)


def _discard(fd: int) -> None:
    """Let the rest of the output go nowhere: Python would complain at its end that it cannot be written."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, fd)
    os.close(null)
