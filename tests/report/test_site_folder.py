"""A site's folder: written file by file, marked until it is whole, and nothing that no build wrote is touched."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from matrix.errors import WriteError
from matrix.paths import ROOT
from report.site_folder import FIRST, MANIFEST, PART, UNFINISHED, fill

OLD = [(FIRST, b"1"), ("probe/a.html", b"1"), ("probe/b.html", b"1"), ("api/v1/cells.csv", b"1")]
NEW = [(FIRST, b"2"), ("probe/a.html", b"2"), ("probe/c.html", b"2")]
OTHER = (
    "from pathlib import Path; import sys; from report.site_folder import fill; fill(Path(sys.argv[1]), [('x', b'')])"
)


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}


def test_what_an_earlier_build_wrote_is_removed_and_nothing_else(tmp_path: Path) -> None:
    for name in ("probe/mine.html", "mine.html", "target/mine.html", "changes/index.html"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("mine", encoding="utf-8")
    mine = names(tmp_path)
    fill(tmp_path, OLD)
    fill(tmp_path, NEW)
    assert names(tmp_path) == {*mine, *(name for name, _ in NEW), MANIFEST}
    assert (tmp_path / FIRST).read_bytes() == b"2"


@pytest.mark.skipif("sys.platform == 'win32'", reason="links need rights there")
def test_no_link_is_followed_to_remove_a_file(tmp_path: Path) -> None:
    site, elsewhere = tmp_path / "site", tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "b.html").write_text("mine", encoding="utf-8")
    fill(site, OLD)
    for path in (site / "probe").iterdir():
        path.unlink()
    (site / "probe").rmdir()
    (site / "probe").symlink_to(elsewhere)
    (site / "api" / "v1" / "cells.csv").unlink()
    (site / "api" / "v1" / "cells.csv").symlink_to(elsewhere / "b.html")
    fill(site, [(FIRST, b"2")])
    assert (elsewhere / "b.html").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("name", ["../mine.html", "/mine.html", "probe/../../mine.html", "", ".", "C:/mine.html"])
def test_a_manifest_leads_nowhere_else(tmp_path: Path, name: str) -> None:
    site = tmp_path / "site"
    (tmp_path / "mine.html").write_text("mine", encoding="utf-8")
    fill(site, NEW)
    (site / MANIFEST).write_text(f"{name}\n{tmp_path / 'mine.html'}\n\x00\n", encoding="utf-8")
    fill(site, NEW)
    assert (tmp_path / "mine.html").read_text(encoding="utf-8") == "mine"


def test_a_site_is_marked_until_it_is_whole_and_the_next_build_knows_what_was_written(tmp_path: Path) -> None:
    def interrupted() -> Iterator[tuple[str, bytes]]:
        yield from NEW
        assert (tmp_path / "probe" / "c.html").read_bytes() == b"2"  # each is written before the next is made
        assert (tmp_path / FIRST).read_bytes() == UNFINISHED
        raise KeyboardInterrupt

    fill(tmp_path, OLD)
    with pytest.raises(KeyboardInterrupt):
        fill(tmp_path, interrupted())
    assert (tmp_path / FIRST).read_bytes() == UNFINISHED
    fill(tmp_path, [(FIRST, b"3")])
    assert names(tmp_path) == {FIRST, MANIFEST}


def test_two_builds_do_not_mix(tmp_path: Path) -> None:
    def slow() -> Iterator[tuple[str, bytes]]:
        other = subprocess.run(
            [sys.executable, "-c", OTHER, str(tmp_path)], cwd=ROOT, capture_output=True, check=False, timeout=60
        )
        assert b"Another build is writing" in other.stderr
        yield from OLD

    fill(tmp_path, slow())
    assert names(tmp_path) == {*(name for name, _ in OLD), MANIFEST}


@pytest.mark.skipif("sys.platform == 'win32'", reason="links need rights there")
def test_a_linked_manifest_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine", encoding="utf-8")
    (tmp_path / MANIFEST).symlink_to(tmp_path / "mine")
    with pytest.raises(WriteError, match="is a link"):
        fill(tmp_path, OLD)
    assert (tmp_path / "mine").read_text(encoding="utf-8") == "mine"


@pytest.mark.skipif("sys.platform == 'win32'", reason="links need rights there")
def test_no_link_is_followed_to_write_a_file(tmp_path: Path) -> None:
    site, mine = tmp_path / "site", tmp_path / "mine"
    mine.mkdir()
    (mine / "file").write_text("mine", encoding="utf-8")
    (site / "probe").mkdir(parents=True)
    for name in (FIRST, "probe/a.html", PART):
        (site / name).symlink_to(mine / "file")
    fill(site, NEW)
    assert (mine / "file").read_text(encoding="utf-8") == "mine"
    assert (site / "probe" / "a.html").read_bytes() == b"2"
    (site / "api").symlink_to(mine)
    with pytest.raises(WriteError, match="is a link"):
        fill(site, OLD)
    assert [path.name for path in mine.iterdir()] == ["file"]


def test_a_page_is_there_whole_or_as_it_was(tmp_path: Path) -> None:
    def broken() -> Iterator[tuple[str, bytes]]:
        assert (tmp_path / "probe" / "a.html").read_bytes() == b"1"
        yield "probe/a.html", b"2"
        assert (tmp_path / "probe" / "a.html").read_bytes() == b"2"
        assert not (tmp_path / PART).exists()
        raise KeyboardInterrupt

    fill(tmp_path, OLD)
    with pytest.raises(KeyboardInterrupt):
        fill(tmp_path, broken())
    assert (tmp_path / FIRST).read_bytes() == UNFINISHED
