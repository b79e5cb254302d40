"""The temporary folder of a run, and the clearing of what dead runs left behind."""

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
"""How our folders begin; the rest is random. The whole name begins the token of every process of the run."""

OWNER = "owner"
"""A file in the folder, locked as long as the run lives. No pid and no time: both come again."""


class Scratch:
    """The folder of one run: each job has a folder of its own in it. Removed at the end."""

    def __init__(self, root: Path) -> None:
        """Raises OSError if no folder can be made in the root."""
        while True:
            self.folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=root))
            fd = _locked(self.folder)
            if fd is not None:
                self._fd = fd
                break  # else another run took it for one of a dead run, before it was locked
        self._count = itertools.count(1)

    def private(self) -> Path:
        """A new, empty folder for one job. Raises OSError."""
        folder = self.folder / str(next(self._count))
        folder.mkdir()
        return folder

    def abandon(self) -> None:
        """End all processes of the run and remove the folder, from another thread, while the run itself hangs."""
        process_tree.end(process_tree.Orphans(self.folder.name).members)
        process_tree.end(lambda: psutil.Process().children(recursive=True))
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        process_tree.end(
            process_tree.Orphans(self.folder.name).members
        )  # nobody should be left: each job has ended its own
        _remove(self.folder, self._fd)


def _locked(folder: Path) -> int | None:
    """The descriptor of the folder's lock; None if another process has it, or the folder is gone."""
    try:
        fd = os.open(folder / OWNER, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:
        return None
    if locks.lock(fd) and _is_there(folder / OWNER, fd):
        return fd
    os.close(fd)
    return None


def _is_there(path: Path, fd: int) -> bool:
    """Whether a path still leads to an open file: another run may have removed it meanwhile."""
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

    Runs that live are not touched. Returns the names of the runs that were cleared.
    """
    cleared = []
    for folder in _folders(root):
        fd = _locked(folder)
        if fd is not None:
            # Before the folder: if this is interrupted, the next run finds the folder and so the rest.
            process_tree.end(process_tree.Orphans(folder.name).members)
            _remove(folder, fd)
            cleared.append(folder.name)
    return cleared


def _folders(root: Path) -> list[Path]:
    """Folders of runs: real ones, and our own, since others may write to the root too."""
    found = []
    with contextlib.suppress(OSError):
        for folder in root.glob(PREFIX + "*"):
            with contextlib.suppress(OSError):
                info = folder.lstat()
                if stat.S_ISDIR(info.st_mode) and (sys.platform == "win32" or info.st_uid == os.getuid()):
                    found.append(folder)
    return sorted(found)
