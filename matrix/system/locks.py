"""Locks on open files: they end with the process that has them, however it ends."""

from __future__ import annotations

import errno
import os
import sys

_FAR = 2**30
"""Windows locks bytes, and nobody else can read those: one that no file has."""


def lock(fd: int) -> bool:
    """Lock an open file (its descriptor) without waiting; False if another process has it.

    Raises OSError where the file system knows no locks.
    """
    if sys.platform == "win32":
        import msvcrt

        position = os.lseek(fd, 0, os.SEEK_CUR)
        os.lseek(fd, _FAR, os.SEEK_SET)
        try:
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            if error.errno not in (0, errno.EACCES, errno.EDEADLK):  # 0: Wine does not say why
                raise
            return False
        finally:
            os.lseek(fd, position, os.SEEK_SET)
    else:
        import fcntl

        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True
