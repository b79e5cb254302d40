"""Remove folders in which unknown code was at work: whatever it did in them, and nothing outside of them."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import re
import secrets
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

BATCH = 10_000
"""Entries of a folder that are held in memory at once: there may be a million."""

_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)


def remove(folder: Path, identity: os.stat_result | None = None) -> str | None:
    """Remove a folder with all its entries; returns the reason if something stays, else None.

    Links are not followed, and file systems that somebody mounted in it are not entered. Permissions, depth, names and
    number of the entries do not matter. identity: what the folder is; another one in its place is left alone.
    """
    try:
        now = folder.lstat()
        if identity is not None and not os.path.samestat(now, identity):
            return "it was replaced by something else"
        if sys.platform == "win32":
            shutil.rmtree(folder, onerror=_retry_writable)
            return "something in it is in use" if folder.exists() else None
        _unmount(folder)
        _remove_flat(folder)
    except FileNotFoundError:
        return None
    except OSError as error:
        return error.strerror or str(error)
    return None


def open_folder(name: str | Path, parent: int | None = None) -> int:
    """A descriptor of a folder, not through a link; an owner's missing permissions are given back. Raises OSError."""
    try:
        return os.open(name, _FOLDER, dir_fd=parent)
    except PermissionError:
        os.chmod(name, stat.S_IRWXU, dir_fd=parent)
        return os.open(name, _FOLDER, dir_fd=parent)


def _retry_writable(do: Callable[[str], object], path: str, _: Any) -> None:
    """Windows does not remove read-only files."""
    with contextlib.suppress(OSError):
        Path(path).chmod(stat.S_IWRITE)
        do(path)


def _remove_flat(folder: Path) -> None:
    """Remove a tree without recursion: inner folders are moved to the top, so that neither depth nor length matters."""
    if sys.platform == "win32":
        return
    parent = os.open(folder.parent, _FOLDER & ~os.O_NOFOLLOW)
    try:
        top = open_folder(folder.name, parent)
        try:
            device = os.fstat(top).st_dev
            pending = _empty(top, top, device)
            while pending:
                name = pending.pop()
                inner = open_folder(name, top)
                try:
                    pending += _empty(inner, top, device)
                finally:
                    os.close(inner)
                os.rmdir(name, dir_fd=top)
        finally:
            os.close(top)
        os.rmdir(folder.name, dir_fd=parent)
    finally:
        os.close(parent)


def _empty(folder: int, top: int, device: int) -> list[str]:
    """Remove the files of a folder and move its folders to the top; returns their names there."""
    moved: list[str] = []
    while True:
        with os.scandir(folder) as entries:
            batch = list(itertools.islice((entry for entry in entries if entry.name not in moved), BATCH))
        if not batch:
            return moved
        for entry in batch:
            info = entry.stat(follow_symlinks=False)
            if info.st_dev != device:
                raise OSError(errno.EBUSY, f"another file system is mounted at {entry.name!r} in it")
            if not stat.S_ISDIR(info.st_mode):
                os.unlink(entry.name, dir_fd=folder)
            elif folder == top:
                moved.append(entry.name)
            else:
                moved.append(_move(entry.name, folder, top))


def _move(name: str, folder: int, top: int) -> str:
    new = f"canifork-{secrets.token_hex(8)}"
    try:
        os.rename(name, new, src_dir_fd=folder, dst_dir_fd=top)
    except PermissionError:  # a folder needs to be writable to get another parent
        os.chmod(name, stat.S_IRWXU, dir_fd=folder)
        os.rename(name, new, src_dir_fd=folder, dst_dir_fd=top)
    return new


def _unmount(folder: Path) -> None:
    """Unmount what was mounted below a folder, where that is permitted. Raises OSError if something stays mounted."""
    if sys.platform != "linux":
        return  # _empty() notices another device; there are no bind mounts
    for point in sorted(_mounts(folder), key=len, reverse=True):
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            subprocess.run(["umount", "-l", point], capture_output=True, timeout=10, check=False)  # noqa: S607
    if left := _mounts(folder):
        raise OSError(errno.EBUSY, f"another file system is mounted at {left[0]!r}")


def _mounts(folder: Path) -> list[str]:
    """The mount points below a folder."""
    below = os.path.realpath(folder.parent) + f"/{folder.name}/"
    points = []
    with contextlib.suppress(OSError), open("/proc/self/mountinfo", "rb") as lines:  # noqa: PTH123
        for line in lines:
            path = re.sub(rb"\\([0-7]{3})", lambda match: bytes([int(match[1], 8)]), line.split(b" ")[4])
            if path.startswith(os.fsencode(below)):
                points.append(os.fsdecode(path))
    return points
