"""The label of each question, from what the main lines of the platforms with columns answer. Pure."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping

from matrix.model import Outcome, Probe
from matrix.results.labels import Label, LabelKind, Measured, good, label
from matrix.results.support import supported
from report.model.cells import answer
from report.model.i18n import N_, Phrase, Place
from report.model.matrix_index import MatrixIndex, probe_methods
from report.model.platforms import Interpreter, Platform
from report.model.shown import shown_platforms

WORDS: Mapping[LabelKind, str] = {
    LabelKind.PORTABLE: N_("Portable"),
    LabelKind.SINCE: N_("Since %(series)s"),
    LabelKind.UNTIL: N_("Until %(series)s"),
    LabelKind.NOT_UNDER: N_("Not under %(methods)s"),
    LabelKind.NOT_ON: N_("Not on %(platforms)s"),
    LabelKind.DEPENDS: N_("Depends"),
    LabelKind.NEVER: N_("Never"),
    LabelKind.INFORMATION: N_("Information"),
    LabelKind.UNKNOWN: N_("Unknown"),
}

KIND_WORDS: Mapping[LabelKind, str] = {
    LabelKind.PORTABLE: N_("Portable"),
    LabelKind.SINCE: N_("Since 3.x"),
    LabelKind.UNTIL: N_("Until 3.x"),
    LabelKind.ONLY: N_("One method only"),
    LabelKind.NOT_UNDER: N_("Not under …"),
    LabelKind.NOT_ON: N_("Not on …"),
    LabelKind.DEPENDS: N_("Depends"),
    LabelKind.NEVER: N_("Never"),
    LabelKind.INFORMATION: N_("Information"),
    LabelKind.UNKNOWN: N_("Unknown"),
}
"""Labels of a kind, in the order of the legend."""

ONLY_WORDS = {"fork": N_("Fork only"), "spawn": N_("Spawn only"), "forkserver": N_("Forkserver only")}

NOT_UNDER_ON = N_("Not under %(methods)s on %(platforms)s")

RULES: Mapping[LabelKind, str] = {
    LabelKind.PORTABLE: N_("yes under every method, on every supported release of every platform measured"),
    LabelKind.SINCE: N_("yes from that version on, under all methods and on all platforms alike"),
    LabelKind.UNTIL: N_("yes up to that version, under all methods and on all platforms alike"),
    LabelKind.ONLY: N_("yes under that method, under no other one"),
    LabelKind.NOT_UNDER: N_("yes, except under those methods"),
    LabelKind.NOT_ON: N_("yes, except on those platforms"),
    LabelKind.DEPENDS: N_("on method, platform and version: read the row"),
    LabelKind.NEVER: N_("yes nowhere on a supported release"),
    LabelKind.INFORMATION: N_("the answer is a value, or “yes” is not the better answer: read the row"),
    LabelKind.UNKNOWN: N_("no supported release was measured"),
}


def labels(index: MatrixIndex) -> Mapping[str, Label]:
    """Probe id -> its label."""
    platforms = shown_platforms(index)
    return {probe.id: probe_label(probe, platforms, index) for probe in index.matrix.probes}


def probe_label(probe: Probe, platforms: Iterable[Platform], index: MatrixIndex) -> Label:
    """The label of one question."""
    answers = [*_answers(probe, platforms, index)]
    values = any(outcome is Outcome.VALUE for _, _, _, outcome in answers)
    measured = [
        Measured(
            platform=platform.title,
            method=method,
            series=target.version.series,
            supported=supported(target.version, index.matrix.generated),
            good=is_good,
        )
        for platform, method, target, outcome in answers
        if (is_good := good(outcome)) is not None
    ]
    return label(measured, wanted="either" if values else probe.wanted)


def _answers(
    probe: Probe, platforms: Iterable[Platform], index: MatrixIndex
) -> Iterator[tuple[Platform, str, Interpreter, Outcome]]:
    """(platform, method, target, outcome) of the stable releases of the main lines, where anything is known."""
    for platform in platforms:
        build = next((build for build in platform.builds if build.main), platform.builds[0])
        methods = (method for method in probe_methods(probe) if method not in index.absent[platform.slug])
        for method, target in itertools.product(methods, build.members):
            found = answer(index.cells(probe, method).get(target.id), probe)
            if found and target.version.stable:
                yield platform, method, target, found.outcome


def label_text(found: Label) -> str | Phrase:
    """A label in words that can be translated; titles of platforms among them."""
    if found.kind is LabelKind.ONLY:
        return ONLY_WORDS[found.methods[0]]
    by_kind: Mapping[LabelKind, tuple[Place, ...]] = {
        LabelKind.SINCE: (("series", found.series),),
        LabelKind.UNTIL: (("series", found.series),),
        LabelKind.NOT_UNDER: (("methods", ", ".join(found.methods)),),
        LabelKind.NOT_ON: (("platforms", found.platforms),),
    }
    places = by_kind.get(found.kind)
    if found.kind is LabelKind.NOT_UNDER and found.platforms:
        return Phrase(NOT_UNDER_ON, (("methods", ", ".join(found.methods)), ("platforms", found.platforms)))
    return Phrase(WORDS[found.kind], places) if places else WORDS[found.kind]
