"""What makes a verdict outdated: the hash of a probe covers all that the probe's script names."""

from __future__ import annotations

from pathlib import Path

import pytest

from matrix.suite import catalog

FILES = {
    "theme.py": 'from _probe import main\nfrom _used import thing\nASSET = "theme_script.py"\n',
    "_probe.py": "import _deep\n",
    "_used.py": "",
    "_deep.py": "",
    "_other.py": "",
    "other.py": "from _other import thing\n",
    "assets/theme_script.py": "import theme_part\n",
    "assets/theme_part.py": "",
    "assets/theme_unnamed.py": "",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of scripts that name each other."""
    (tmp_path / "assets").mkdir()
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "covered"),
    [
        ("theme.py", True),
        ("_probe.py", True),
        ("_used.py", True),
        ("_deep.py", True),
        ("assets/theme_script.py", True),
        ("assets/theme_part.py", True),
        ("_other.py", False),
        ("other.py", False),
        ("assets/theme_unnamed.py", False),
    ],
)
def test_a_change_of_what_a_probe_names_makes_its_verdicts_outdated(folder: Path, name: str, covered: bool) -> None:
    before = catalog.digest(folder / "theme.py")
    with (folder / name).open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert (catalog.digest(folder / "theme.py") != before) is covered


def test_line_ends_make_no_difference(folder: Path) -> None:
    before = catalog.digest(folder / "theme.py")
    text = (folder / "_used.py").read_bytes() + (folder / "theme.py").read_bytes()
    (folder / "theme.py").write_bytes(text.replace(b"\n", b"\r\n"))
    assert catalog.digest(folder / "theme.py") == before
