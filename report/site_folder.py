"""The folder of a site: written by one build at a time, marked until it is whole, cleared of an earlier one's files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from matrix.errors import WriteError
from matrix.system import locks

MANIFEST = ".canifork-files"
"""A file of the site with the names of all others, one a line: those, and no others, may a later build remove."""

PART = ".canifork-part"
"""A file of the site while it is written."""

FIRST = "index.html"
"""The page that says that the site is not whole, until it is."""

MAX_MANIFEST = 16 * 2**20
"""Bytes of a manifest that are read."""

UNFINISHED = b"""<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Can I fork? (unfinished)</title></head>
<body><p>This site is being built. If this message stays, the build was interrupted, and the other pages may be of
different builds: build it again.</p></body>
</html>
"""


def fill(site: Path, files: Iterable[tuple[str, bytes]]) -> None:
    """Write all files of a site below a folder, one after the other, and remove what an earlier build wrote.

    Files that no build wrote stay. Raises WriteError, also if another build is writing there.
    """
    try:
        site.mkdir(parents=True, exist_ok=True)
        with _manifest(site) as manifest:
            manifest.seek(0)
            before = manifest.read(MAX_MANIFEST).decode("utf-8", "replace").splitlines()
            written = list(_written(site, files, manifest))
            _remove(site, set(before) - set(written))
            manifest.truncate(0)
            manifest.write("".join(f"{name}\n" for name in sorted(written)).encode())
    except OSError as error:
        where = error.filename or site  # a page may also be made of a file that cannot be read
        raise WriteError(f"Cannot write {where}: {error.strerror}. Free some space, or choose another -o.") from None


@contextmanager
def _manifest(site: Path) -> Iterator[BinaryIO]:
    """The open manifest of a site, which no other build has open. What is written to it is added at its end."""
    path = site / MANIFEST
    if path.is_symlink():
        raise WriteError(f"{path} is a link, and no build made it. Remove it, or choose another -o.")
    with path.open("a+b") as file:
        if not locks.lock(file.fileno()):
            raise WriteError(f"Another build is writing {site}. Wait for it, or choose another -o.")
        yield file


def _written(site: Path, files: Iterable[tuple[str, bytes]], manifest: BinaryIO) -> Iterator[str]:
    """Write files and yield their names: a big site is never in memory at once. The first page comes last."""
    first = UNFINISHED
    _write(site, FIRST, UNFINISHED)
    made: set[Path] = set()
    for name, content in files:
        manifest.write(f"{name}\n".encode())
        manifest.flush()
        yield name
        if name == FIRST:
            first = content
            continue
        folder = (site / name).parent
        if folder not in made:
            _make(site, folder)
            made.add(folder)
        _write(site, name, content)
    _write(site, FIRST, first)


def _make(site: Path, folder: Path) -> None:
    """Make a folder of a site. Raises WriteError for a link: what is behind it is no part of the site."""
    for each in (folder, *folder.parents):
        if each == site:
            break
        if each.is_symlink():
            raise WriteError(f"{each} is a link, and no build made it. Remove it, or choose another -o.")
    folder.mkdir(parents=True, exist_ok=True)


def _write(site: Path, name: str, content: bytes) -> None:
    """Put a file in its place when it is whole: who reads meanwhile gets the old one. A link there is replaced."""
    part = site / PART
    part.unlink(missing_ok=True)  # of a build that was killed, or a link
    part.write_bytes(content)
    part.replace(site / name)


def _remove(site: Path, names: Iterable[str]) -> None:
    """Remove files by their names in a manifest; what leads out of the site, or through a link, is left alone."""
    for name in names:
        parts = PurePosixPath(name).parts
        if not parts or ".." in parts or name.startswith("/") or "\\" in name or ":" in name:
            continue
        path = site.joinpath(*parts)
        through = [path, *(site.joinpath(*parts[:n]) for n in range(1, len(parts)))]
        if path.is_file() and not any(each.is_symlink() for each in through):
            path.unlink()
