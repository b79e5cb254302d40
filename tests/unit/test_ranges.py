"""Ranges promise no more than was tested: truth tables, and properties over anything."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matrix.results.ranges import Point, ranges
from matrix.results.versions import TO, Version, parse, series_text


def points(text: str) -> list[Point]:
    """'3.8.1:y 3.9.0:?' -> points; '?' is not tested."""
    pairs = (word.split(":") for word in text.split())
    return [Point(version=parse(version), key=None if key == "?" else key) for version, key in pairs]


def said(text: str, known: str = "") -> str:
    """All that is printed, '-' for the dash: 'y 3.8-3.9 | n 3.10+ | ? 3.11'."""
    series = {parse(word).series for word in known.split()}
    found = ranges(points(text), series)
    return " | ".join(f"{part.key or '?'} {', '.join(part.spans)}" for part in found).replace(TO, "-")


@pytest.mark.parametrize(
    ("tested", "printed"),
    [
        ("3.8.1:y 3.9.1:y 3.10.0:y", "y 3.8+"),
        ("3.14.0:y", "y 3.14+"),
        ("3.8.1:n 3.9.1:n 3.10.0:y", "n 3.8-3.9 | y 3.10+"),
        ("3.8.1:y 3.9.1:n 3.10.0:n", "y 3.8 | n 3.9+"),
        ("3.8.1:y 3.9.1:n 3.10.0:y", "y 3.8, 3.10+ | n 3.9"),
        ("3.10.0:y 3.9.1:y 3.8.1:n", "n 3.8 | y 3.9+"),  # the order of the input does not matter
        ("3.13.0:y 3.13.9:y 3.14.0:y", "y 3.13+"),  # patch releases that agree
        ("", ""),
    ],
)
def test_neighbours(tested: str, printed: str) -> None:
    assert said(tested) == printed


@pytest.mark.parametrize(
    ("tested", "printed"),
    [
        ("3.8.1:y 3.10.0:y", "y 3.8, 3.10+ | ? 3.9"),  # no target of that series at all
        ("3.8.1:y 3.9.1:? 3.10.0:y", "y 3.8, 3.10+ | ? 3.9"),  # a target without a verdict
        ("3.8.1:y 3.11.0:n", "y 3.8 | n 3.11+ | ? 3.9-3.10"),  # the boundary lies somewhere in the gap
        ("3.8.1:? 3.9.0:y", "y 3.9+ | ? 3.8"),
        ("3.8.1:y 3.9.0:?", "y 3.8 | ? 3.9"),  # no '+': the newest was not tested
        ("3.8.1:? 3.9.0:?", "? 3.8-3.9"),
        ("3.13.0:y 3.13.5:? 3.14.0:y", "y 3.13+"),  # the series was tested
        ("2.7.18:y 3.8.0:y", "y 2.7, 3.8+"),  # major versions are no neighbours, and there is no 2.8
    ],
)
def test_gaps_are_named(tested: str, printed: str) -> None:
    assert said(tested) == printed


@pytest.mark.parametrize(
    ("tested", "printed"),
    [
        ("3.12.1:y 3.13.0:y 3.13.18:n 3.14.2:n", "y 3.12-3.13.0 | n 3.13.18+ | ? 3.13.1-3.13.17"),
        ("3.13.0:y 3.13.1:n", "y 3.13.0 | n 3.13.1+"),
        ("3.11.2:c 3.11.7:n", "c 3.11.2 | n 3.11.7+ | ? 3.11.3-3.11.6"),
        ("3.11.2:c 3.11.4:n 3.11.7:n 3.12.0:n", "c 3.11.2 | n 3.11.4+ | ? 3.11.3"),
        ("3.13.0:y 3.13.0:n", "y 3.13.0 | n 3.13.0"),  # the newest release is not of one mind: nobody gets the '+'
        ("3.12.0:y 3.13.0:y 3.13.1:n 3.13.2:y 3.14.0:y", "y 3.12-3.13.0, 3.13.2+ | n 3.13.1"),
    ],
)
def test_patch_releases_that_disagree(tested: str, printed: str) -> None:
    assert said(tested) == printed


@pytest.mark.parametrize(
    ("tested", "printed"),
    [
        ("3.14.0:y 3.15.0b1:y", "y 3.14+, 3.15.0b1"),  # never merged, though it agrees
        ("3.14.0:y 3.15.0b1:n", "y 3.14+ | n 3.15.0b1"),
        ("3.15.0a7:n 3.15.0b1:n", "n 3.15.0a7, 3.15.0b1"),
        ("3.14.0:y 3.15.0c1:?", "y 3.14+ | ? 3.15.0rc1"),
        ("3.14.0:y 3.14.0rc2:n 3.13.0:n", "n 3.13, 3.14.0rc2 | y 3.14+"),
    ],
)
def test_prereleases_stand_alone(tested: str, printed: str) -> None:
    assert said(tested) == printed


@pytest.mark.parametrize(
    ("tested", "known", "printed"),
    [
        ("3.12.0:y 3.13.0:y", "3.8 3.13", "y ≤3.12+"),  # it may have begun before
        ("3.12.0:y 3.13.0:y", "3.12 3.14", "y 3.12-3.13"),  # a newer one exists: no '+'
        ("3.12.0:n 3.13.0:y", "3.8 3.14", "n ≤3.12 | y 3.13"),
        ("3.12.0:y 3.12.3:n", "3.8", "y ≤3.12.0 | n 3.12.3+ | ? 3.12.1-3.12.2"),
        ("3.8.0:? 3.9.0:y", "3.8", "y 3.9+ | ? 3.8"),  # named here, so no '≤'
    ],
)
def test_what_is_known_elsewhere_limits_the_claim(tested: str, known: str, printed: str) -> None:
    assert said(tested, known) == printed


_versions = st.builds(
    Version, major=st.just(3), minor=st.integers(8, 15), patch=st.integers(0, 3), stage=st.sampled_from((1, 3, 3, 3))
)
_points = st.lists(
    st.builds(Point, version=_versions, key=st.sampled_from(("y", "n", None))), unique_by=lambda point: point.version
)


def covers(span: str, version: Version) -> bool:
    """Whether a printed span speaks for a version."""
    low, _, high = span.rstrip("+").partition(TO)
    if not version.stable or parse(low) != parse(low.partition("b")[0]):
        return span == str(version)
    start, end = parse(low), parse(high or low)
    is_patch = [text.count(".") == 2 for text in (low, high or low)]
    after = version >= start if is_patch[0] else version.series >= start.series
    before = version <= end if is_patch[1] else version.series <= end.series
    return after and (span.endswith("+") or before)


@given(_points)
def test_every_tested_version_is_in_its_answer_and_in_no_other(tested: list[Point]) -> None:
    found = [part for part in ranges(tested) if part.key]
    for point, part in itertools.product(tested, found):
        if point.key:
            assert any(covers(span, point.version) for span in part.spans) == (part.key == point.key), (point, part)


@given(_points)
def test_no_answer_covers_a_series_without_a_tested_release(tested: list[Point]) -> None:
    have = {point.version.series for point in tested if point.key and point.version.stable}
    for part in ranges(tested):
        for minor in range(8, 16):
            version = parse(f"{series_text((3, minor))}.0")
            inside = any(covers(span, version) for span in part.spans if not span.endswith("+"))
            assert not (part.key and inside) or version.series in have


@pytest.mark.parametrize("text", ["", "3", "3.x", "3.13.0; rm", "<script>", "3.13.0b", "٣.١٣", "99999.1.1"])
def test_a_version_is_read_or_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a Python version"):
        parse(text)


def test_versions_are_in_the_order_of_their_release() -> None:
    texts = ["3.9.18", "3.10.0", "3.15.0a7", "3.15.0b1", "3.15.0rc2", "3.15.0", "3.15.1"]
    assert [str(version) for version in sorted(map(parse, reversed(texts)))] == texts


def test_closed_ranges_name_the_newest_release() -> None:
    points = [Point(version=parse(f"3.{minor}.1"), key="yes") for minor in (8, 9, 11)]
    assert [part.spans for part in ranges(points)] == [(f"3.8{TO}3.9", "3.11+"), ("3.10",)]
    assert [part.spans for part in ranges(points, closed=True)] == [(f"3.8{TO}3.9", "3.11"), ("3.10",)]
