"""Hostile and broken input: what a case is, and how files are made."""

from __future__ import annotations

import gzip
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

MIB = 2**20

Make = Callable[[Path], Path]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """make puts the input into a folder and returns its path; says is part of the answer.

    posix: made of what only POSIX has; cheap: to be refused for a few bytes, so that many may share a process.
    """

    name: str
    make: Make
    says: str = ""
    posix: bool = False
    cheap: bool = False


def file(data: bytes, name: str = "run.jsonl", times: int = 1) -> Make:
    """A maker of an ordinary file, which has some bytes once or many times."""

    def make(folder: Path) -> Path:
        path = folder / name
        with path.open("wb") as target:
            for _ in range(times):
                target.write(data)
        return path

    return make


def sparse(size: int, name: str) -> Make:
    """A maker of a file of a size that takes no room."""

    def make(folder: Path) -> Path:
        with (folder / name).open("wb") as target:
            target.truncate(size)
        return folder / name

    return make


def special(kind: str, name: str = "run.jsonl") -> Make:
    """A maker of what stands in a file's place."""

    def make(folder: Path) -> Path:
        path = folder / name
        if kind == "folder":
            path.mkdir()
        elif kind == "fifo":
            os.mkfifo(path)
        elif kind == "socket":
            with socket.socket(socket.AF_UNIX) as server:
                here = Path.cwd()
                os.chdir(folder)  # the path of a socket must be short
                try:
                    server.bind(name)
                finally:
                    os.chdir(here)
        else:
            path.symlink_to({"loop": name, "dangling": "nowhere", "endless": "/dev/zero"}[kind])
        return path

    return make


def inside(make: Make) -> Make:
    """The same in a folder that is named instead of the file."""

    def made(folder: Path) -> Path:
        make(folder)
        return folder

    return made


def bomb(filler: bytes, size: int) -> bytes:
    """What unpacks to a size: members of a gzip file may follow each other, so that one is packed and repeated."""
    piece = filler * (4 * MIB // len(filler))
    return gzip.compress(piece, 9, mtime=0) * (size // len(piece))


def nested(opening: str, depth: int = 100_000) -> str:
    """Opened and never closed, inside an object."""
    return '{"kind":' + opening * depth


def keys(count: int) -> str:
    """An object of many different keys."""
    return "{" + ",".join(f'"k{number}":0' for number in range(count)) + "}"


def flood(line: bytes, count: int, opening: bytes, closing: bytes) -> Make:
    """A maker of a document of many equal lines."""

    def make(folder: Path) -> Path:
        path = folder / "matrix.json"
        with path.open("wb") as target:
            target.write(opening)
            for number in range(count):
                target.write(line % number if b"%d" in line else line)
            target.write(closing)
        return path

    return make
