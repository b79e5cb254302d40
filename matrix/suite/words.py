"""probes/ -> the words of each question, read from the source without running it.

`catalog` asks each script with --list, which is the truth and takes seconds; who only looks something up cannot wait
for that. A script whose words are not plain constants is asked after all.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from matrix.errors import CatalogError
from matrix.model import Json, Probe
from matrix.suite import catalog


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a reader sees of a probe, as Probe has it."""

    id: str
    text: str
    why: str
    do: str
    asked: tuple[str, ...]
    methods: tuple[str, ...]
    measured: bool
    wanted: str


def load(folder: Path) -> tuple[Question, ...]:
    """The words of all questions of a folder. Raises CatalogError if a script cannot be read."""
    files = sorted(file for file in folder.glob("*.py") if not file.name.startswith("_"))
    if not files:
        raise CatalogError(f"No probe scripts in {folder}. Run from a checkout of canifork.")
    return tuple(question for file in files for question in _file(file))


def _file(file: Path) -> list[Question]:
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError) as error:
        raise CatalogError(f"{file} cannot be read: {str(error)[:200]}.") from None
    try:
        return list(_questions(file.stem, tree))
    except ValueError:
        return [_of_probe(probe) for probe in catalog.load(file.parent, [file.stem])]


def _questions(theme: str, tree: ast.Module) -> Iterator[Question]:
    """Raises ValueError where an argument of `question` is no constant."""
    names: dict[str, Json] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign):
            _remember(node, names)
        elif isinstance(node, ast.FunctionDef):
            for call in node.decorator_list:
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "question":
                    yield _question(f"{theme}.{node.name}", call, names)


def _remember(node: ast.Assign, names: dict[str, Json]) -> None:
    """Keep what a name of the module stands for, if it is a constant."""
    try:
        constant = _constant(node.value, names)
    except ValueError:
        return
    names.update({target.id: constant for target in node.targets if isinstance(target, ast.Name)})


def _question(probe: str, call: ast.Call, names: Mapping[str, Json]) -> Question:
    said = {word.arg: word.value for word in call.keywords}
    values = {
        name: _constant(said[name], names)
        for name in ("text", "why", "do", "asked", "methods", "measured", "wanted")
        if name in said
    }
    if call.args:
        values["text"] = _constant(call.args[0], names)
    return Question(
        id=probe,
        text=values["text"],
        why=values["why"],
        do=values["do"],
        asked=tuple(values.get("asked", ())),
        methods=tuple(values.get("methods", ("fork", "spawn", "forkserver"))),
        measured=bool(values.get("measured", False)),
        wanted=values.get("wanted", "yes"),
    )


def _constant(node: ast.expr, names: Mapping[str, Json]) -> Json:
    """The value of a literal, of a name of the module, or of a sum of these. Raises ValueError for anything else."""
    if isinstance(node, ast.Name):
        if node.id in names:
            return names[node.id]
        raise ValueError(node.id)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _constant(node.left, names) + _constant(node.right, names)
    if isinstance(node, ast.Tuple | ast.List):
        return tuple(part for element in node.elts for part in _element(element, names))
    return ast.literal_eval(node)


def _element(node: ast.expr, names: Mapping[str, Json]) -> Iterator[Json]:
    if isinstance(node, ast.Starred):
        yield from _constant(node.value, names)
    else:
        yield _constant(node, names)


def _of_probe(probe: Probe) -> Question:
    return Question(
        id=probe.id, text=probe.text, why=probe.why, do=probe.do, asked=probe.asked, methods=probe.methods,
        measured=probe.measured, wanted=probe.wanted,
    )  # fmt: skip
