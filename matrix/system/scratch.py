"""The temporary folder of a run, and the removal of what dead runs left behind."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import stat
import sys
import tempfile
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from matrix.system import locks, process_tree, trees

PREFIX = "canifork-run-"
"""How the names of these folders begin. The tokens of a run's processes begin with the whole name."""

_NAME = re.compile(PREFIX + "[a-z0-9_]{8}")

OWNER = "owner"
"""A file in the folder, locked as long as the run lives. It says which folder it was made for, so that nothing else is
ever removed. It holds no process ID and no time: both can repeat."""

_MARK = "Scratch folder of a run of canifork. When the run is dead, the next one removes the folder.\n"


class Scratch:
    """The folder of one run, with a folder for each job in it; removed at the end."""

    def __init__(self, root: Path) -> None:
        """Raises OSError if no folder can be created in the root."""
        self._root = root
        self._made: list[_Folder] = []
        self._lock = threading.Lock()
        self._renew()

    @property
    def folder(self) -> Path:
        """The folder itself. It changes if somebody removes or replaces it."""
        return self._made[-1].path

    def private(self) -> Path:
        """Create an empty folder for one job. Raises OSError."""
        with self._lock:
            if not self._made[-1].repair():
                self._renew()
            path = self.folder / secrets.token_hex(4)
            path.mkdir(mode=0o700)
            return path

    def abandon(self) -> None:
        """End all processes of the run and remove the folder; called from another thread while the run itself hangs."""
        self._end_processes()
        process_tree.end(lambda: psutil.Process().children(recursive=True))
        for made in self._made:
            trees.remove(made.path, made.identity)

    def _renew(self) -> None:
        self._made.append(_create(self._root))

    def _end_processes(self) -> None:
        for made in self._made:
            process_tree.end(process_tree.Orphans(made.path.name).members)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._end_processes()  # each job has ended its own: there should be none left
        for made in self._made:
            if reason := made.remove():
                print(f"canifork: cannot remove {made.path}: {reason}. Remove it by hand.", file=sys.stderr)


_FLAGS = os.O_RDWR | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
"""How an owner's file is opened: as text, Windows would write other bytes than are compared."""


class _Folder:
    """A folder that is proved to be a run's, and locked by this process."""

    def __init__(self, path: Path, identity: os.stat_result, fd: int) -> None:
        self.path = path
        self.identity = identity
        self._fd = fd

    def repair(self) -> bool:
        """Whether the folder is still there, and the same; permissions that a probe took from it are given back."""
        try:
            info = self.path.lstat()
            if os.path.samestat(info, self.identity):
                if info.st_mode & stat.S_IRWXU != stat.S_IRWXU:
                    self.path.chmod(stat.S_IRWXU)
                return True
        except OSError:
            pass
        return False

    def remove(self) -> str | None:
        """Remove it, and let go of the lock; the reason if it cannot be removed."""
        if sys.platform == "win32":  # an open file cannot be removed there
            os.close(self._fd)
        reason = trees.remove(self.path, self.identity)
        if sys.platform != "win32":
            os.close(self._fd)
        return reason


def _create(root: Path) -> _Folder:
    while True:
        path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=root))
        identity = path.lstat()
        try:
            fd = os.open(path / OWNER, _FLAGS | os.O_CREAT | os.O_EXCL, 0o600)
            folder = _Folder(path, identity, fd)
            if locks.lock(fd):
                os.write(fd, _mark(path.name, identity))  # from now on other runs may find it
                return folder
            folder.remove()
        except OSError:
            trees.remove(path, identity)
            raise


def _mark(name: str, identity: os.stat_result) -> bytes:
    """What the owner's file holds: a copy of the folder, or another folder with the same name, does not fit it."""
    return f"{_MARK}{name} {identity.st_dev} {identity.st_ino}\n".encode()


def clear(root: Path) -> list[tuple[str, str | None]]:
    """End the processes and remove the folders of runs that are dead (killed, or the machine went down).

    Only folders whose mark proves that they are a run's; live runs are not touched. Returns the names, each with the
    reason if the folder could not be removed.
    """
    results = []
    for path in _candidates(root):
        folder = _taken(path)
        if folder is not None:
            # Before the folder: if this is interrupted, the next run still finds the folder, and with it the processes.
            process_tree.end(process_tree.Orphans(path.name).members)
            results.append((path.name, folder.remove()))
    return results


def _candidates(root: Path) -> list[Path]:
    """Folders with such a name that belong to this user and are no links: others may write to the root too."""
    candidates = []
    with contextlib.suppress(OSError):
        for path in root.glob(PREFIX + "*"):
            with contextlib.suppress(OSError):
                info = path.lstat()
                own = sys.platform == "win32" or info.st_uid == os.getuid()
                if _NAME.fullmatch(path.name) and stat.S_ISDIR(info.st_mode) and own:
                    candidates.append(path)
    return sorted(candidates)


def _taken(path: Path) -> _Folder | None:
    """A dead run's folder, locked; None if it is no run's, or the run lives."""
    flags = _FLAGS | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        identity = path.lstat()
        fd = os.open(path / OWNER, flags)
    except OSError:
        return None
    try:
        mark = _mark(path.name, identity)
        regular = stat.S_ISREG(os.fstat(fd).st_mode)
        if regular and os.read(fd, len(mark) + 1) == mark and locks.lock(fd) and _is_there(path / OWNER, fd):
            return _Folder(path, identity, fd)
    except OSError:
        pass
    os.close(fd)
    return None


def _is_there(path: Path, fd: int) -> bool:
    """Whether a path still names an open file: another run may have removed it meanwhile."""
    try:
        return os.path.samestat(path.stat(), os.fstat(fd))
    except OSError:
        return False
