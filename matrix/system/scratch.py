"""The temporary folder of a run, and the removal of what dead runs left behind."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import stat
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from matrix.system import locks, process_tree

PREFIX = "canifork-"
"""How the names of these folders begin. The tokens of a run's processes begin with the whole name."""

OWNER = "owner"
"""A file in the folder, locked as long as the run lives. It holds no process ID and no time: both can repeat."""


class Scratch:
    """The folder of one run, with a folder for each job in it; removed at the end."""

    def __init__(self, root: Path) -> None:
        """Raises OSError if no folder can be created in the root."""
        while True:
            self.folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=root))
            fd = _locked(self.folder)
            if fd is not None:
                self._fd = fd
                break  # else another run removed it as a dead run's, before it was locked
        self._count = itertools.count(1)

    def private(self) -> Path:
        """Create an empty folder for one job. Raises OSError."""
        folder = self.folder / str(next(self._count))
        folder.mkdir()
        return folder

    def abandon(self) -> None:
        """End all processes of the run and remove the folder; called from another thread while the run itself hangs."""
        process_tree.end(process_tree.Orphans(self.folder.name).members)
        process_tree.end(lambda: psutil.Process().children(recursive=True))
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        # Each job has ended its own processes: there should be none left.
        process_tree.end(process_tree.Orphans(self.folder.name).members)
        _remove(self.folder, self._fd)


def _locked(folder: Path) -> int | None:
    """The descriptor of the folder's lock; None if another process holds it, or the folder is gone."""
    try:
        fd = os.open(folder / OWNER, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:
        return None
    if locks.lock(fd) and _is_there(folder / OWNER, fd):
        return fd
    os.close(fd)
    return None


def _is_there(path: Path, fd: int) -> bool:
    """Whether a path still names an open file: another run may have removed it meanwhile."""
    try:
        return os.path.samestat(path.stat(), os.fstat(fd))
    except OSError:
        return False


def _remove(folder: Path, fd: int) -> None:
    if sys.platform == "win32":  # an open file cannot be removed there
        os.close(fd)
    shutil.rmtree(folder, ignore_errors=True)
    if sys.platform != "win32":
        os.close(fd)


def clear(root: Path) -> list[str]:
    """End the processes and remove the folders of runs that are dead (killed, or the machine went down).

    Live runs are not touched. Returns the names of the removed folders.
    """
    removed = []
    for folder in _folders(root):
        fd = _locked(folder)
        if fd is not None:
            # Before the folder: if this is interrupted, the next run still finds the folder, and with it the processes.
            process_tree.end(process_tree.Orphans(folder.name).members)
            _remove(folder, fd)
            removed.append(folder.name)
    return removed


def _folders(root: Path) -> list[Path]:
    """Folders of runs that belong to this user and are no links: others may write to the root too."""
    own = []
    with contextlib.suppress(OSError):
        for folder in root.glob(PREFIX + "*"):
            with contextlib.suppress(OSError):
                info = folder.lstat()
                if stat.S_ISDIR(info.st_mode) and (sys.platform == "win32" or info.st_uid == os.getuid()):
                    own.append(folder)
    return sorted(own)
