"""Paths of this machine are taken out of verdicts before they are written: they are private, and differ everywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import structs

from matrix.model import MAX_OUTPUT, MAX_TEXT, Json, Target, Verdict
from matrix.paths import home
from matrix.system import launch

Replacements = Sequence[tuple[str, str]]
"""(path, what is published instead of it), in the order in which they are applied."""

SHORTEST = 4
"""Characters of the shortest path that is replaced: '/' and 'C:\\' are no secret, and are in every text."""


def replacements(probes: Path, private: Path, target: Target) -> Replacements:
    """The private paths of one job, as this machine, Wine and the target spell them.

    probes: the folder of the suite; private: the job's own folder.
    """
    names = [(str(private / "t"), "TMP"), (str(private), "TMP"), (str(probes), "probes"), *target.private_paths]
    if folder := home():
        names.append((str(folder), "~"))
    names += [(there, name) for path, name in names if (there := launch.target_path(path, target.path_map)) != path]
    wine = [("Z:" + path.replace("/", "\\"), name) for path, name in names]
    escaped = [(path.replace("\\", "\\\\"), name) for path, name in (*target.private_paths, *wine) if "\\" in path]
    return [pair for pair in (*escaped, *wine, *names) if len(pair[0]) >= SHORTEST]


def anonymous(verdict: Verdict, private: Replacements) -> Verdict:
    """A valid verdict without the private paths in any of its texts, still valid."""

    def clean(data: Json) -> Json:
        if isinstance(data, str):
            for path, name in private:
                data = data.replace(path, name)
            return data
        if isinstance(data, Mapping):
            return {clean(key): clean(item) for key, item in data.items()}
        if isinstance(data, (list, tuple)):
            return [clean(item) for item in data]
        return data

    return structs.replace(
        verdict,
        value=_cut(clean(verdict.value)),
        detail=_cut(clean(verdict.detail)),
        observed=clean(verdict.observed),
        output=structs.replace(verdict.output, text=clean(verdict.output.text)[:MAX_OUTPUT]),
        stacks=verdict.stacks and clean(verdict.stacks)[:MAX_OUTPUT],
    )


def _cut(data: Json) -> Json:
    """Texts within their bounds: what is published may be longer than the path."""
    if isinstance(data, list):
        return [_cut(item) for item in data]
    return data[:MAX_TEXT] if isinstance(data, str) else data
