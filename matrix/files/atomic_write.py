"""Files that are written whole, or not at all."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from matrix.errors import WriteError


def write_text(path: Path, pieces: Iterable[str]) -> None:
    """Write a file in UTF-8, piece by piece, or leave the old one. Raises WriteError."""
    write_bytes(path, (piece.encode("utf-8") for piece in pieces))


def write_bytes(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a file, piece by piece, or leave the old one. Raises WriteError."""
    with _replacing(path) as file:
        file.writelines(pieces)


@contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    """A new file that takes the place of a path when it is whole.

    Until then its name is that of no other process: of two that write at once, the last one wins.
    """
    part = path.parent / f"{path.name}.{os.getpid()}.part"  # with_name() refuses what ends in no name, such as "."
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb", buffering=2**20) as file:
            yield file
        part.replace(path)
    except BaseException as error:
        with contextlib.suppress(OSError):
            part.unlink()
        if not isinstance(error, OSError):
            raise
        raise WriteError(f"Cannot write {path}: {error.strerror}. Free some space, or choose another path.") from None
