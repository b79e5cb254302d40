"""Read files up to a bound, and only what has an end: those that unknown code had in its hands, those a user names."""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path
from typing import BinaryIO

_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_NOCTTY", 0)
)
_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFLNK: "a link",
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


class UnsafeFileError(Exception):
    """There is something at a path, but no regular file of bounded size: 'a FIFO', 'longer than 10 bytes'."""


def read(path: Path, limit: int, start: int = 0) -> bytes:
    """The bytes of a regular file from a position on.

    Raises FileNotFoundError, and UnsafeFileError if it is anything else, or longer than limit (bytes).
    """
    try:
        fd = os.open(path, _FLAGS)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise UnsafeFileError(_kind(path) or error.strerror or str(error)) from None
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise UnsafeFileError(_KINDS.get(stat.S_IFMT(os.fstat(fd).st_mode), "no regular file"))
        with os.fdopen(fd, "rb", closefd=False) as file:
            file.seek(start)
            data = file.read(limit + 1)
    except OSError as error:
        raise UnsafeFileError(error.strerror or str(error)) from None
    finally:
        os.close(fd)
    if len(data) > limit:
        raise UnsafeFileError(f"longer than {limit} bytes")
    return data


def read_named(path: Path, limit: int) -> bytes:
    """All bytes of a file or a pipe that a user names, as in `deps <(pip freeze)`; links are followed.

    Raises OSError, and UnsafeFileError if it is neither, or longer than limit (bytes).
    """
    with open_named(path) as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise UnsafeFileError(f"longer than {limit >> 20} MiB")
    return data


def open_named(path: Path) -> BinaryIO:
    """Open a file or a pipe that a user names. Raises OSError, and UnsafeFileError if it is neither."""
    fd = os.open(path, _FLAGS & ~getattr(os, "O_NOFOLLOW", 0))
    kind = stat.S_IFMT(os.fstat(fd).st_mode)
    if kind not in (stat.S_IFREG, stat.S_IFIFO):
        os.close(fd)
        raise UnsafeFileError(_KINDS.get(kind, "no regular file"))
    if sys.platform != "win32":
        os.set_blocking(fd, True)  # a pipe has an end as soon as nobody can write to it
    return os.fdopen(fd, "rb")


def tail(file: BinaryIO, keep: int, limit: int) -> bytes:
    """The last bytes of a stream, at least keep if there are as many; it is read up to limit.

    They begin at a multiple of four, so that no encoding is torn apart.
    """
    kept, read = bytearray(), 0
    while read < limit and (chunk := file.read(min(2**20, limit - read))):
        read += len(chunk)
        kept += chunk
        del kept[: max(0, len(kept) - keep) // 4 * 4]
    return bytes(kept)


def _kind(path: Path) -> str | None:
    """What is at a path that cannot be opened, if that explains it."""
    try:
        return _KINDS.get(stat.S_IFMT(path.lstat().st_mode))
    except OSError as error:
        return "a loop of links" if error.errno == errno.ELOOP else None
