"""Which other runs live on this machine: each holds a shared lock on a folder, which the system drops with its process.

Unlike a file with a process ID it leaves nothing behind, and is seen by all who share the folder: other users, and
containers with the same /dev/shm.
"""

from __future__ import annotations

import contextlib
import os
import struct
import sys
from pathlib import Path

_FLOCK = "hhqqi4x" if struct.calcsize("P") == 8 else "hhqqi"
"""struct flock: type, whence, start, length, process."""


class Presence:
    """A shared lock on a folder, held until close()."""

    def __init__(self, folder: Path) -> None:
        """If the folder cannot be locked, this run never takes itself for alone."""
        self._fd: int | None = None
        if sys.platform == "linux":
            with contextlib.suppress(OSError):
                self._fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
                self._call("F_OFD_SETLK", "F_RDLCK")

    def alone(self) -> bool:
        """Whether no other run holds a lock on the folder, for certain."""
        if sys.platform == "linux":
            import fcntl

            with contextlib.suppress(OSError):
                return self._call("F_OFD_GETLK", "F_WRLCK") == fcntl.F_UNLCK
        return False

    def _call(self, command: str, kind: str) -> int:
        """Set or look up a lock of this descriptor, not of this process: others who close the folder do not drop it."""
        if sys.platform == "win32" or self._fd is None:
            raise OSError
        import fcntl

        lock = struct.pack(_FLOCK, getattr(fcntl, kind), os.SEEK_SET, 0, 0, 0)
        return int(struct.unpack(_FLOCK, fcntl.fcntl(self._fd, getattr(fcntl, command), lock))[0])

    def close(self) -> None:
        """Drop the lock."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None
