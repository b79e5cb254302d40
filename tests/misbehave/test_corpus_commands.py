"""Command lines, suites and interpreters that are not what they should be: a few lines and the right status."""

from __future__ import annotations

import json
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from matrix.errors import Status
from matrix.files import serialize
from matrix.targets import identify
from tests.misbehave.bounded import MAX_PEAK, command
from tests.misbehave.corpus_runs import rows, text
from tests.unit.values import FACTS

ROW = {
    "id": "theme.name", "text": "?", "why": "", "do": "", "source": "", "documented": {}, "methods": [], "asked": [],
    "deadline": 30, "exclusive": False, "unit": None, "measured": False, "wanted": "yes", "line": 1, "end": 2,
}  # fmt: skip
FAKE = "import sys\nsys.stdout.write({!r})\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A command line; `{here}` in it is the test's folder. files are made there first."""

    words: str
    says: str
    status: int = Status.USAGE
    files: tuple[tuple[str, str], ...] = ()


MARK = "# from _probe import\n"
"""Without it a script is not run."""


def probes(text: str, name: str = "theme.py", says: str = "") -> Line:
    """A suite of one script."""
    return Line(words="list --probes {here}/suite", says=says or name, files=((f"suite/{name}", MARK + text),))


def row(**changes: object) -> Line:
    """A suite of one script with one question, which is not as it should be."""
    return probes(f"print({json.dumps([ROW | changes])!r})\n")


def answer(**changes: object) -> str:
    """What an interpreter says of itself."""
    return json.dumps(FACTS | dict.fromkeys(identify.PRIVATE, "/x") | changes)


def interpreter(said: str) -> Line:
    """A command that answers with some text when asked what it is."""
    words = f"run --command '{sys.executable} {{here}}/fake.py' --out {{here}}/out --probe arguments.threading_lock"
    return Line(words=words, says="fake.py", files=(("fake.py", FAKE.format(said)),))


GOOD = ("run.jsonl", text(rows()).decode())
SUITE = ("suite/theme.py", f"{MARK}print({json.dumps([ROW | {'methods': ['fork', 'spawn']}])!r})\n")
OTHER_SUITE = ("other/other.py", SUITE[1].replace("theme.", "other."))

LINES: dict[str, Line] = {
    "no python there": Line(words="run --python {here}/none", says="cannot be started"),
    "a folder for a python": Line(words="run --python {here}", says="cannot be started"),
    "a text for a python": Line(words="run --python {here}/x", says="cannot be started", files=(("x", "text"),)),
    "empty command": Line(words="run --command ''", says="An empty --command"),
    "empty python": Line(words="run --python ''", says="cannot be started"),
    "open quote": Line(words="run --command '\"node x'", says="--command"),
    "no such series": Line(words="run --series 2.7", says="No Python 2.7", status=Status.NOTHING),
    "no such probe": Line(words="run --probe ../../x.y", says="No probe named", status=Status.NOTHING),
    "no such word": Line(words="list -k nothing_has_this", says="matches no probe", status=Status.NOTHING),
    "launcher is a path": Line(
        words=f"run --python {sys.executable} --launcher ../x --probe arguments.threading_lock --out {{here}}/out",
        says="argument --launcher: '../x' is not a short name",
    ),
    "deadline NaN": Line(words="run --deadline nan", says="--deadline"),
    "deadline endless": Line(words="run --deadline inf", says="--deadline"),
    "deadline negative": Line(words="run --deadline -1", says="--deadline"),
    "deadline nothing": Line(words="run --deadline 0", says="--deadline"),
    "deadline a year": Line(words="run --deadline 3e7", says="--deadline"),
    "repeat without end": Line(words="run --repeat 1000000000", says="--repeat"),
    "jobs without end": Line(words="run --jobs 1000000", says="--jobs"),
    "busy without end": Line(words="run --busy 1000000", says="--busy"),
    "busy of many digits": Line(words="run --busy " + "9" * 5000, says="--busy"),
    "no probes there": Line(words="list --probes {here}/none", says="No probe scripts"),
    "file for probes": Line(words="list --probes {here}/x", says="No probe scripts", files=(("x", ""),)),
    "script fails": probes("1/0\n"),
    "script is no Python": probes("<html>\n"),
    "script says nothing": probes(""),
    "script says a number": probes("print(7)\n"),
    "script says nested lists": probes("print('[' * 100000)\n"),
    "script says other rows": probes("print('[{}]')\n"),
    "script hides json": probes("", "json.py"),
    "id is a path": probes("print('[{\"id\": \"../../x\"}]')\n"),
    "id of another theme": row(id="other.name"),
    "deadline of a probe is NaN": row(deadline=float("nan")),
    "deadline of a probe is nothing": row(deadline=0),
    "documented is a list": row(documented=[]),
    "text is no text": row(text=7),
    "method that is none": row(methods=["teleport"]),
    "marker that is none": row(documented={"x ==": "yes"}),
    "question twice": probes(f"print({json.dumps([ROW, ROW])!r})\n", says="theme.name is listed 2 times"),
    "script says a flood": probes("import sys\nsys.exit('x' * 10**6)\n"),
    "script moves the cursor": probes("import sys\nsys.exit('\\x1b[2J')\n"),
    "new probe without a suite": Line(words="new-probe a.b --probes {here}/none", says="There is no folder"),
    "new probe's theme is a folder": Line(
        words="new-probe a.b --probes {here}/s", says="Cannot read", files=(("s/a.py/x", ""),)
    ),
    "interpreter says nothing": interpreter(""),
    "interpreter says a list": interpreter("[]"),
    "interpreter says NaN": interpreter('{"version": NaN}'),
    "interpreter says nested lists": interpreter("[" * 100_000),
    "interpreter of a strange name": interpreter(answer(sys_platform="../x")),
    "interpreter of no size": interpreter(answer(bits="many")),
    "interpreter without a place": interpreter(json.dumps(FACTS)),
    "interpreter says half of it": interpreter('{"implementation":1,"version":1,"markers":1,"machine":1}'),
    "results file for a folder": Line(
        words=f"run --command '{sys.executable} {{here}}/fake.py' --out {{here}}/x --probe arguments.threading_lock",
        says="Cannot write", status=Status.IO, files=(("x", ""), ("fake.py", FAKE.format(answer()))),
    ),
    "matrix into a folder": Line(
        words="merge {here}/run.jsonl -o {here}/r --probes {here}/suite", says="Cannot write", status=Status.IO,
        files=(("r/x", ""), GOOD, SUITE),
    ),
    "matrix into no name": Line(
        words="merge {here}/run.jsonl -o '' --probes {here}/suite", says="an empty path",
        files=(GOOD, SUITE),
    ),
    "merged with another suite": Line(
        words="merge {here}/run.jsonl -o {here}/m.json --probes {here}/other", status=Status.NOTHING,
        says="None of the 2 verdicts is on a probe in", files=(GOOD, OTHER_SUITE),
    ),
    "nothing to merge": Line(words="merge {here}/r", says="No run files", status=Status.NOTHING, files=(("r/x", ""),)),
}  # fmt: skip


@pytest.mark.parametrize("name", LINES)
def test_a_wrong_command_line_is_refused(tmp_path: Path, name: str) -> None:
    line, here = LINES[name], tmp_path / "here"
    here.mkdir()
    for file, content in line.files:
        (here / file).parent.mkdir(parents=True, exist_ok=True)
        (here / file).write_text(content, encoding="utf-8")
    before = sorted(here.rglob("*"))
    done = command(tmp_path, "-m", "matrix", *(word.replace("{here}", str(here)) for word in split(line.words)))
    assert (done.status, done.out) == (line.status, ""), f"{done.status} {done.out} {done.err}"
    said = [one for one in done.err.splitlines() if not one.startswith(("usage:", " "))]
    assert 1 <= len(said) <= 3, done.err
    assert "Traceback" not in done.err
    assert line.says in "\n".join(said)
    assert all(len(one) < 1000 and one.isprintable() for one in said), ascii(done.err)
    assert done.peak is None or done.peak < MAX_PEAK
    assert sorted(here.rglob("*")) == before, "something was written"


def test_a_script_in_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "theme.py").write_bytes(b"# -*- coding: latin-1 -*-\n# \xe9\nprint('[]')\n# _probe\n")
    done = command(tmp_path, "-m", "matrix", "list", "--probes", str(tmp_path))
    assert (done.status, done.out) == (Status.USAGE, ""), done.err
    assert done.err.endswith("theme.py is not UTF-8 at byte 28. Save it as UTF-8.\n")


def test_the_refused_ones_are_refused_for_their_fault() -> None:
    """The same rows and facts without a fault are taken."""
    assert serialize.fault(FACTS, serialize.RUN_SCHEMA, "facts") == ""
    assert identify.facts_in(answer())["bits"] == 64
    with pytest.raises(ValueError, match="library"):
        identify.facts_in(json.dumps(FACTS))


def test_a_suite_without_a_fault_is_listed(tmp_path: Path) -> None:
    (tmp_path / "theme.py").write_text(SUITE[1], encoding="utf-8")
    done = command(tmp_path, "-m", "matrix", "list", "--probes", str(tmp_path))
    assert (done.status, done.out.split(), done.err) == (0, ["theme.name", "?"], "")


def split(words: str) -> list[str]:
    """As a shell does, but a backslash is a backslash."""
    lexer = shlex.shlex(words, posix=True, punctuation_chars=False)
    lexer.whitespace_split, lexer.escape, lexer.commenters = True, "", ""
    return list(lexer)
