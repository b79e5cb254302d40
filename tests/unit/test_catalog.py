"""What makes a verdict outdated: the hash of a probe covers all that the probe's script names."""

from __future__ import annotations

from pathlib import Path

import pytest

from matrix.suite import digest

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
    before = digest.of_script(folder / "theme.py")
    with (folder / name).open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert (digest.of_script(folder / "theme.py") != before) is covered


def test_line_ends_make_no_difference(folder: Path) -> None:
    before = digest.of_script(folder / "theme.py")
    text = (folder / "_used.py").read_bytes() + (folder / "theme.py").read_bytes()
    (folder / "theme.py").write_bytes(text.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
    assert digest.of_script(folder / "theme.py") == before


QUESTION = """from _probe import question, yes

SOURCE = "https://docs.python.org/"


@question(
    "Does it work?",
    why="It matters.",
    do="Do it.",
    source=SOURCE,
    methods=("fork", "spawn"),
    deadline=20,
)
def works(ctx):
    return yes("seen")
"""


@pytest.mark.parametrize(
    ("old", "new", "outdated"),
    [
        ("Does it work?", "Does it really work?", False),
        ('    why="It matters.",\n', '    why="It matters "\n    "much.",\n', False),
        ("source=SOURCE", 'source=SOURCE, documented={"*": "no"}, wanted="no", unit="s", measured=True', False),
        ('("fork", "spawn")', '(\n        "fork",\n        "spawn",\n    )', True),
        ('("fork", "spawn")', '("fork",   "spawn")', False),
        ('("fork", "spawn")', '("fork",)', True),
        ("deadline=20", "deadline=21", True),
        ("deadline=20", "exclusive=True", True),
        ('yes("seen")', 'yes("heard")', True),
        ("def works", "def serves", True),
        ("SOURCE = ", "ADDRESS = ", True),
    ],
)
def test_the_words_of_a_question_make_no_verdict_outdated(tmp_path: Path, old: str, new: str, outdated: bool) -> None:
    file = tmp_path / "theme.py"
    file.write_text(QUESTION, encoding="utf-8")
    before = digest.of_script(file)
    assert old in QUESTION
    file.write_text(QUESTION.replace(old, new), encoding="utf-8")
    assert (digest.of_script(file) != before) is outdated


def test_a_script_that_is_no_python_is_hashed_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "theme.py"
    file.write_text("def (", encoding="utf-8")
    before = digest.of_script(file)
    file.write_text("def ((", encoding="utf-8")
    assert digest.of_script(file) != before
