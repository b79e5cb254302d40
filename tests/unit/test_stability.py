"""k/n of repeated cells, as a truth table; and the load beside them ends with the block."""

from __future__ import annotations

import psutil
import pytest

from matrix.model import Probe, Verdict
from matrix.results import stability
from matrix.system import busy_load
from tests.unit.values import probe, run, verdict

PLAIN, MEASURED = probe(), probe(measured=True, unit="s")


@pytest.mark.parametrize(
    ("asked", "verdicts", "changed", "reworded", "hung"),
    [
        (PLAIN, [verdict("yes"), verdict("yes")], [], 0, 0),
        (PLAIN, [verdict("yes"), verdict("no"), verdict("yes")], [{"yes": 2, "no": 1}], 0, 0),
        (PLAIN, [verdict("yes"), verdict("error")], [{"yes": 1, "error": 1}], 0, 0),
        (PLAIN, [verdict("no", detail="A"), verdict("no", detail="B")], [], 1, 0),
        (PLAIN, [verdict("hang"), verdict("hang")], [], 0, 1),
        (PLAIN, [verdict("value", value=1), verdict("value", value=2)], [{"1": 1, "2": 1}], 0, 0),
        (MEASURED, [verdict("value", value=1), verdict("value", value=2)], [], 0, 0),
        (MEASURED, [verdict("value", value=1, detail="A"), verdict("value", value=2, detail="B")], [], 0, 0),
        (PLAIN, [verdict("yes"), verdict("no", source_sha256="b" * 64)], [], 0, 0),
        (PLAIN, [verdict("yes"), verdict("no", method="spawn")], [], 0, 0),
    ],
)
def test_what_changed(
    asked: Probe, verdicts: list[Verdict], changed: list[dict[str, int]], reworded: int, hung: int
) -> None:
    found = stability.stability([run(*verdicts)], [asked])
    assert [row.shares for row in found.changed] == changed
    assert (len(found.reworded), len(found.hung)) == (reworded, hung)


def test_runs_of_one_target_count_together_and_targets_apart() -> None:
    runs = [run(verdict("yes"), number=1), run(verdict("no"), number=2), run(verdict("no"), number=3, target="other")]
    found = stability.stability(runs, [PLAIN])
    assert [(row.target, row.n) for row in found.changed] == [(runs[0].header.target, 2)]
    assert found.repeats == (
        stability.Repeats(target=runs[0].header.target, cells=1, fewest=2, most=2),
        stability.Repeats(target="other", cells=1, fewest=1, most=1),
    )


def test_a_slow_probe_is_named() -> None:
    slow = [verdict(duration=seconds) for seconds in (0.1, 3.5, 4.5)]
    target = run().header.target
    found = stability.stability([run(*slow)], [PLAIN])
    assert found.slow == (stability.SlowProbe(target=target, probe=PLAIN.id, seconds=3.5),)


def test_the_report_prints_k_of_n() -> None:
    found = stability.stability([run(verdict("yes"), verdict("no", detail="TypeError: x"), verdict("yes"))], [PLAIN])
    text = "\n".join(stability.lines(found))
    assert "1 cells, each measured 3 times" in text
    assert "theme.name fork: yes 2/3, no 1/3\n    TypeError: x" in text


def test_busy_loops_end_with_the_block() -> None:
    def loops() -> list[psutil.Process]:
        return psutil.Process().children()

    before = len(loops())
    with busy_load.busy(1):
        assert len(loops()) - before == (psutil.cpu_count() or 1)
    assert len(loops()) == before
    with busy_load.busy(0):
        assert len(loops()) == before
