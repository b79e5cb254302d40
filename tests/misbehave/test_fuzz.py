"""Whatever is valid by our own schemas, however odd, is merged and rendered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from matrix.ci import markdown
from matrix.files import serialize, untrusted_json
from matrix.model import Matrix
from matrix.paths import SCHEMAS
from matrix.results import diff, stability
from matrix.results.merge import merge
from report.build import files
from tests.unit.values import FACTS, MARKERS, SHA, probe, run, verdict

VALID = jsonschema.Draft7Validator(json.loads((SCHEMAS / "run-1.schema.json").read_text(encoding="utf-8")))
METHODS = ("fork", "spawn", "forkserver", "none")
TEXT = st.text(max_size=12) | st.sampled_from(
    [
        "",
        " ",
        "\n",
        "\x1b[31m",
        "</script>",
        "{{ 7*7 }}",
        "%(n)s",
        "%s",
        "\u202e",
        "\u2066x\u2069",
        "\u2028\x85",
        "\0",
        "e\u0301" * 100,
        "\U0010ffff",
        "=1+1",
        "\ufffe",
        "a" * 300,
        "0x7f",
        "-",
        "#",
    ]
)
NUMBERS = (
    st.floats(allow_nan=False, allow_infinity=False)
    | st.integers()
    | st.sampled_from([10**399, -(10**398), 2**63, 5e-324, -0.0, 1.7976931348623157e308, 0])
)
SCALARS = st.none() | st.booleans() | NUMBERS | TEXT
JSON = st.recursive(
    SCALARS, lambda part: st.lists(part, max_size=3) | st.dictionaries(TEXT, part, max_size=3), max_leaves=5
)
DATES = st.sampled_from(
    [
        "0001-01-01T00:00:00Z",
        "1582-10-10T00:00:00Z",
        "1970-01-01T00:00:00Z",
        "2262-04-12T00:00:00Z",
        "9999-12-31T23:59:59Z",
    ]
)
SHORT = TEXT.map(lambda text: text[:300])
VERSIONS = st.sampled_from(
    ["3.8.0", "3.13.0", "3.13.12", "3.14.0rc1", "3.15.0a7", "2.7.18", "0.0.0", "9999.9999.9999", "4.0.0"]
)


def nested(levels: int) -> dict[str, Any]:
    """An observation with lists in lists."""
    part: Any = 1
    for _ in range(levels):
        part = [part]
    return {"a": part}


@st.composite
def facts(draw: st.DrawFn) -> dict[str, Any]:
    """What an interpreter may say about itself."""
    version = draw(VERSIONS)
    series = ".".join(version.split(".")[:2])
    versions = {"python_version": series, "python_full_version": version, "implementation_version": version}
    return FACTS | {
        "version": version,
        "implementation": draw(st.sampled_from(["cpython", "pypy", "graalpy", "x"])),
        "implementation_version": draw(SHORT),
        "sys_platform": draw(st.sampled_from(["linux", "darwin", "win32", "emscripten", "wasi", "freebsd14", "x"])),
        "os": draw(SHORT),
        "libc": draw(st.sampled_from(["gnu", "musl", "none"])),
        "machine": draw(SHORT),
        "bits": draw(st.sampled_from([32, 64])),
        "freethreaded": draw(st.booleans()),
        "debug": draw(st.booleans()),
        "default_method": draw(st.sampled_from([None, "fork", "spawn", "forkserver", "other"])),
        "methods": draw(st.lists(st.sampled_from(METHODS[:3]), max_size=3)),
        "refused": draw(st.dictionaries(st.sampled_from(METHODS[:3]), SHORT, max_size=2)),
        "wine": draw(st.none() | TEXT.map(lambda text: text[:30])),
        "markers": MARKERS | versions | draw(st.dictionaries(TEXT, SHORT, max_size=1)),
    }


@st.composite
def verdicts(draw: st.DrawFn) -> Any:
    """Any verdict on one of the questions."""
    name = draw(st.sampled_from(["theme.name", "theme.measured", "theme.alone", "theme.gone"]))
    outcome = draw(st.sampled_from(["yes", "no", "value", "unavailable", "hang", "crash", "error"]))
    value = draw(SCALARS | st.lists(SCALARS, max_size=3)) if draw(st.booleans()) or outcome == "value" else None
    return verdict(
        outcome,
        probe=name,
        method=draw(st.sampled_from(METHODS)),
        value=value,
        detail=draw(TEXT),
        observed=draw(
            st.integers(1, 60).map(nested)
            | st.dictionaries(TEXT, JSON, max_size=2)
            | NUMBERS.map(lambda number: {"samples": [number]})
        ),
        attempt=draw(st.integers(1, 3)),
        duration=draw(st.floats(0, 1e6) | st.integers(0, 1_000_000)),
        source_sha256=draw(st.sampled_from([SHA, "b" * 64])),
        stacks=draw(st.none() | TEXT),
    )


@st.composite
def runs(draw: st.DrawFn) -> Any:
    """Any run of one of a few targets."""
    target = draw(st.sampled_from(["cpython-3.13.0-linux-x86_64-gnu", "a", "cpython-3.14.0-windows-x86_64-none-wine"]))
    return run(
        *draw(st.lists(verdicts(), max_size=5)),
        number=draw(st.integers(0, 50)),
        started=draw(DATES | st.integers(0, 59).map(lambda second: f"2026-11-22T07:00:{second:02d}Z")),
        target=target,
        facts=draw(facts()),
        launcher=draw(st.sampled_from(["base", "venv", "wine", "qemu", "x"])),
        command=draw(SHORT),
        ci=draw(st.none() | st.dictionaries(TEXT, SHORT, max_size=2)),
    )


PROBES = [
    probe("theme.name", documented=(("fork", "yes"), ("sys_platform == 'win32'", [1]), ("*", 10**30))),
    probe("theme.measured", measured=True, unit="seconds", methods=("spawn", "fork")),
    probe("theme.alone", methods=(), measured=True, unit=None),
]


def merged(folder: Path, given: list[Any]) -> Matrix:
    """By the way of run files, which are valid by an independent validator."""
    for number, one in enumerate(given):
        lines = [serialize.line_json(line) for line in (one.header, *one.verdicts)]
        for line in lines:
            VALID.validate(json.loads(json.dumps(line)))
        (folder / f"{number}.jsonl").write_text(
            "".join(serialize.dumps(line) + "\n" for line in lines), encoding="utf-8"
        )
    return merge(
        serialize.survey([folder], keep=500), PROBES, {"theme.py": "x = 1\n"}, {"commit": None, "dirty": False}
    )


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.lists(runs(), max_size=3), st.lists(runs(), max_size=2))
@example([run(verdict("value", probe="theme.measured", method="spawn", value=10**399))], [])
@example(
    [run(verdict("value", probe="theme.measured", method="spawn", value=5e-324, observed={"samples": [10**399]}))], []
)
@example(
    [
        run(verdict("yes"), facts=FACTS),
        run(verdict("no"), number=2, target="cpython-3.13.0-linux-x86_64-gnu-venv", launcher="venv"),
    ],
    [],
)
def test_whatever_is_valid_is_merged_and_rendered(
    tmp_path_factory: pytest.TempPathFactory, now: list[Any], before: list[Any]
) -> None:
    folder = tmp_path_factory.mktemp("fuzz")
    for name, chosen in (("now", now), ("before", before)):
        (folder / name).mkdir()
        serialize.save_matrix(merged(folder / name, chosen), folder / f"{name}.json")
        untrusted_json.parse((folder / f"{name}.json").read_bytes())
        list(stability.lines(stability.stability(serialize.load_runs([folder / name]), PROBES)))
    matrices = [serialize.load_matrix(folder / f"{name}.json") for name in ("now", "before")]
    changes = diff.diff(*matrices)
    assert markdown.job_summary(matrices[0], changes, compared=True)
    assert markdown.comment(changes, ["a"], [])
    markdown.notes(matrices[0], changes)
    for name, content in files(*matrices):
        assert content, name
