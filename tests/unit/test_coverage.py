"""docs/coverage.md names probes that exist, and leaves no claim without a probe or a reason."""

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROBES = ROOT / "probes"
CLAIMS = 160
QUESTIONS = 201
REPORTS = 24


def rows(heading: str) -> list[list[str]]:
    """The cells of the table under a heading, without its head."""
    text = (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8")
    section = text.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def probe_ids() -> set[str]:
    """The ids of all probes, as the scripts list them."""
    found: set[str] = set()
    for path in sorted(PROBES.glob("[!_]*.py")):
        listed = subprocess.run([sys.executable, str(path), "--list"], capture_output=True, check=True, timeout=60)
        found.update(question["id"] for question in json.loads(listed.stdout))
    return found


def test_every_probe_named_exists() -> None:
    cells = [row[1] for row in rows("Claims") + rows("Changes by version")] + [
        row[2] for row in rows("Users' questions") + rows("Public reports")
    ]
    named = {name for cell in cells for name in re.findall(r"`([a-z]+\.[a-z_0-9]+)`", cell)}
    assert len(named) > 200
    assert sorted(named - probe_ids()) == []


def test_every_claim_has_a_probe_or_a_reason() -> None:
    table = rows("Claims")
    assert len({row[0] for row in table}) == len(table) == CLAIMS
    assert [row[0] for row in table if not row[1]] == []


def test_every_question_has_a_probe_or_a_reason() -> None:
    table = rows("Users' questions")
    numbers = [int(row[0]) for row in table]
    assert numbers == sorted(set(numbers))
    assert len(numbers) == QUESTIONS
    assert [row[0] for row in table if not row[2]] == []


def test_every_report_has_a_probe_or_a_reason() -> None:
    table = rows("Public reports")
    assert [row[0] for row in table] == [str(number) for number in range(1, REPORTS + 1)]
    assert [row[0] for row in table if not row[2]] == []


def test_every_change_names_two_versions() -> None:
    for change, probe, before, after in rows("Changes by version"):
        assert probe.startswith("`"), change
        assert re.search(r"3\.\d+", before), change
        assert re.search(r"3\.\d+", after), change
