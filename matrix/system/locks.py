"""Locks on open files: they are released when their process ends, however it ends."""

from __future__ import annotations

import errno
import os
import sys

_FAR = 2**30
"""Position of the locked byte on Windows, where no other process can read locked bytes: no file is so long."""


def lock(fd: int) -> bool:
    """Lock an open file (its descriptor) without waiting; False if another process has it.

    Raises OSError where the file system does not support locks.
    """
    if sys.platform == "win32":
        import msvcrt

        position = os.lseek(fd, 0, os.SEEK_CUR)
        os.lseek(fd, _FAR, os.SEEK_SET)
        try:
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            if error.errno not in (0, errno.EACCES, errno.EDEADLK):  # 0: Wine sets no errno
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
