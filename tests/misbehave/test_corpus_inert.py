"""What may be in a run file is shown as text and nothing else, whatever it says; nothing leaves the site's folder."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matrix.files import serialize, untrusted_json
from matrix.model import Exit, Output, Run
from matrix.results.merge import merge
from matrix.suite import catalog
from matrix.system.printing import printable
from report.build import build
from tests.conftest import FAULTS
from tests.misbehave.bounded import command
from tests.misbehave.corpus_runs import rows, text
from tests.report.pages import Page
from tests.unit.values import FACTS, MARKERS, run, verdict

EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>&{{ 7*7 }}{% raw %}]]>--></title></style>"
PATHS = "../../../x C:\\..\\x file:///etc/passwd javascript:alert(1)"
ODD = "\u0000\u001b[31m\u2028\u202e\ufeff\U000e0041\u0085\r\n\t\ud83d\ude00".encode("utf-16", "surrogatepass").decode(
    "utf-16"
)
TAME = "plain"
LINUX = "cpython-3.13.0-linux-x86_64-gnu"
PROBE = "faults.well_behaved"


def hostile(word: str) -> list[dict[str, Any]]:
    """A valid run with a word in every place that takes any text."""
    free = ("os", "libc_version", "machine", "compiler", "implementation_version")
    short = {"methods_error": word, "wine": None}
    names = ("os_name", "platform_machine", "platform_system", "platform_version", "sys_platform")
    markers = MARKERS | dict.fromkeys(names, word) | {word: word}
    facts = FACTS | dict.fromkeys(free, word) | short | {"markers": markers}
    header, *_ = rows()
    common = {"probe": PROBE, "method": "none"}
    evidence = {
        "detail": word, "observed": {word: {word: [word]}}, "stacks": word,
        "exit": {"code": None, "signal": word[:30], "status": word[:60]},
        "leaks": {"processes": [word], "files": [word], "shared_memory": [word]},
        "output": {"text": word, "bytes": 1, "cut": True},
    }  # fmt: skip
    good = serialize.line_json(verdict("yes"))
    answers: list[dict[str, Any]] = [
        {"outcome": "value", "value": word},
        {"outcome": "value", "value": [word, 10**399]},
    ]
    answers += [{"outcome": outcome, "value": None} for outcome in ("no", "crash", "hang", "error")]
    return [
        header | {"facts": facts, "command": word, "ci": {word: word, "url": word}, "target": LINUX},
        *(good | common | evidence | answer | {"attempt": n} for n, answer in enumerate(answers, 1)),
        good | {"probe": "faults.nobody_knows"}, good | {"probe": PROBE, "method": "spawn"},
    ]  # fmt: skip


def site(folder: Path, files: dict[str, bytes]) -> Path:
    """Merge run files and render them, by the command line; both must go well."""
    results = folder / "results"
    results.mkdir(parents=True)
    for name, data in files.items():
        (results / name).write_bytes(data)
    matrix = folder / "matrix.json"
    done = command(folder, "-m", "matrix", "merge", str(results), "-o", str(matrix), "--probes", str(FAULTS))
    assert done.status == 0, done.err
    assert all(line.isprintable() for line in done.out.splitlines()), ascii(done.out)
    done = command(folder, "-m", "report", "build", str(matrix), "-o", str(folder / "site"))
    assert done.status == 0, done.err
    return folder / "site"


def shape(folder: Path) -> dict[str, set[tuple[str, ...]]]:
    """Which elements with which attributes are on each page."""
    return {
        path.relative_to(folder).as_posix(): {
            (element.tag, *sorted(element.attributes)) for element in Page(path.read_text(encoding="utf-8")).root.walk()
        }
        for path in folder.rglob("*.html")
    }


def names(folder: Path) -> set[str]:
    """All files below a folder."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def tame(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the same answers with harmless words."""
    return site(tmp_path_factory.mktemp("tame"), {"run.jsonl": text(hostile(TAME))})


@pytest.mark.parametrize("word", [EVIL, PATHS, ODD], ids=["markup", "paths", "controls"])
def test_hostile_words_are_rendered_inert(tmp_path: Path, tame: Path, word: str) -> None:
    found = site(tmp_path, {"run.jsonl": text(hostile(word))})
    assert names(found) == names(tame)
    assert names(tmp_path) - {f"site/{name}" for name in names(found)} == {
        "results/run.jsonl", "matrix.json", "took.json",
    }  # fmt: skip
    wanted = shape(tame)
    allowed = set().union(*wanted.values())
    for page, elements in shape(found).items():
        assert elements <= allowed, page
    for path in found.rglob("*.html"):
        page = Page(path.read_text(encoding="utf-8"))
        assert not [e for e in page.root.walk() for name in e.attributes if name.startswith("on")]
        assert len(page.root.all("script")) == len(
            Page((tame / path.relative_to(found)).read_text("utf-8")).root.all("script")
        )
        assert not [
            link for link in [*page.links, *page.loads] if link.partition(":")[0] in ("javascript", "data", "file")
        ]
    shown = Page((found / "probe" / f"{PROBE}.html").read_text(encoding="utf-8")).root.text
    assert " ".join(word.split()) in shown if word is not ODD else "\u001b" not in shown


FORMS: dict[str, Callable[[bytes], bytes]] = {
    "as it is": lambda data: data,
    "CRLF": lambda data: data.replace(b"\n", b"\r\n"),
    "spaced": lambda data: b"".join(
        json.dumps(json.loads(line), separators=(" , ", " : ")).encode() + b"\n" for line in data.splitlines()
    ),
    "escaped": lambda data: data.replace(b"Debian", b"\\u0044ebian"),
    "no line end": lambda data: data[:-1],
    "last line cut": lambda data: data + data[:200],
    "cut, then begun again": lambda data: data.splitlines(keepends=True)[0][:90] + b"\n" + data,
    "header twice": lambda data: data.splitlines(keepends=True)[0] + data,
    "whole twice": lambda data: data + data,
    "empty": lambda data: b"",
}


@pytest.mark.parametrize("form", FORMS)
def test_odd_forms_say_the_same(tmp_path: Path, form: str) -> None:
    data = b"".join(line + b"\n" for line in text(rows()).splitlines())
    (tmp_path / "run.jsonl").write_bytes(FORMS[form](data))
    (tmp_path / "same.jsonl.gz").write_bytes(gzip.compress(data))
    (tmp_path / "none.jsonl").write_bytes(b"")
    probes = catalog.load(FAULTS)
    whole = merge(serialize.load_run_file(tmp_path / "same.jsonl.gz"), probes, {}, {"commit": None, "dirty": False})
    both = merge(serialize.load_runs([tmp_path]), probes, {}, {"commit": None, "dirty": False})
    assert both == whole


def test_a_future_run_is_the_newest_and_nothing_else(tmp_path: Path) -> None:
    lines = rows()
    lines[0] |= {"started": "9999-12-31T23:59:59Z"}
    lines[1] |= {"probe": PROBE, "method": "none"}
    assert "9999-12-31" in (site(tmp_path, {"run.jsonl": text(lines)}) / "index.html").read_text(encoding="utf-8")


@settings(max_examples=10)
@given(st.binary(max_size=4000))
def test_any_bytes_on_stdout_give_valid_json_and_valid_html(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    folder = tmp_path_factory.mktemp("bytes")
    shown = printable(data)
    said = verdict("yes", probe=PROBE, method="none", exit=Exit(code=0), output=Output(text=shown, bytes=len(data)))
    path = folder / "run.jsonl"
    path.write_text(
        "".join(
            serialize.dumps(line) + "\n" for line in (serialize.line_json(run().header), serialize.line_json(said))
        ),
        encoding="utf-8",
    )
    (read,) = serialize.load_run_file(path)
    assert read == Run(header=run().header, verdicts=(said,), complete=False)
    matrix = merge([read], CATALOG, {}, {"commit": None, "dirty": False})
    serialize.save_matrix(matrix, folder / "matrix.json")
    document = (folder / "matrix.json").read_text(encoding="utf-8")
    assert untrusted_json.parse(document.encode("utf-8")) == json.loads(document)
    build(folder / "matrix.json", folder / "site")
    html = (folder / "site" / "probe" / f"{PROBE}.html").read_text(encoding="utf-8")
    assert shown in ["".join(element.pieces) for element in Page(html).root.walk()]


CATALOG = [one for one in catalog.load(FAULTS) if one.id == PROBE]
