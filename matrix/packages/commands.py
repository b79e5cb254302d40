"""python -m matrix packages, new-package: measure packages, begin a recipe."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from matrix import options
from matrix.errors import NothingSelectedError, Status, UsageError
from matrix.files import atomic_write
from matrix.model import Outcome, Target, Verdict
from matrix.packages import cells, environments, measure, measurement, new_recipe, recipes
from matrix.packages.measurement import Measurement
from matrix.packages.recipes import RECIPES, Recipe
from matrix.system import interrupts, launch, scratch
from matrix.targets import identify

NOT_KEPT = (
    "  not kept: a question has no answer. Mend what it says of the recipe (docs/adding-a-package.md has the rules);\n"
    "  on a busy machine try --time-scale 4."
)

NO_WHEEL = (
    "  no wheel: {}\n  Nothing is built here: a package that has no wheel for this Python cannot be measured on it."
)

CONTROL_FAILS = (
    "  Look at {} under spawn, where nothing is forked: it is the recipe that fails there more often than the\n"
    "  package. Does close() end all that make() began? make() is called twice in a process: do both write one file?"
)

HINTS = (
    (
        r"name resolution|unreachable|nodename nor servname",
        "There is no network: give the recipe a server, serve(ready).",
    ),
    (r"No module named", "IMPORTS names the modules as they are imported; REQUIRES all that the recipe needs."),
    (r"server did not start", "What serve(ready) printed stands above."),
    (r"use\(\) returned", "use() must return True itself: bool(…) for NumPy's."),
    (
        r"still computes",
        "If the machine is idle: make() or use() tries again and again. Give it a timeout of 2 s at most.",
    ),
)
"""Patterns of what a question without an answer says, and what to do about it."""

LINES = 12
"""Lines of what a process printed that are shown if its question has no answer."""


def add(commands: options.Subparsers) -> None:
    """Add `packages`, `hosts` and `new-package`."""
    packages = options.command(commands, "packages", "measure popular packages under every start method", run)
    _add_options(packages, recipes.RECIPES)
    hosts = options.command(commands, "hosts", "measure programs that run other people's code, likewise", run)
    _add_options(hosts, recipes.HOSTS)
    new = options.command(commands, "new-package", "write the skeleton of a package's recipe", new_package)
    new.add_argument("name", help="as on PyPI")


def _add_options(parser: argparse.ArgumentParser, folder: Path) -> None:
    parser.set_defaults(folder=folder)
    parser.add_argument("--package", action="append", default=[], metavar="NAME", help="default: every recipe")
    parser.add_argument("--python", action="append", default=[], metavar="PATH", help="this interpreter")
    parser.add_argument("--series", action="append", default=[], metavar="X.Y", help="3.12; default: 3.12, 3.13, 3.14")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--version", action="append", default=[], metavar="V", help="default: the newest that fits")
    which.add_argument(
        "--versions", type=options.whole_number(50), metavar="N", help="the last N minor releases of each package"
    )
    which.add_argument("--upgrade", action="store_true", help="the newest, whatever the published lock says")
    parser.add_argument("--locks-only", action="store_true", help="write locks of the newest to --out; measure nothing")
    parser.add_argument("--question", action="append", default=[], metavar="Q", help="default: all")
    parser.add_argument("--jobs", type=options.whole_number(100), default=1, metavar="N", help="cells at a time")
    parser.add_argument(
        "--repeat", type=options.whole_number(100), default=measure.REPEAT, metavar="N", help="default: %(default)s"
    )
    parser.add_argument(
        "--time-scale", type=options.positive(1000), default=1.0, metavar="X", help="multiply deadlines: a busy machine"
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="put the measurements there (default: only print them)")


def run(given: argparse.Namespace) -> int:
    """Measure each recipe on each Python; status 1 if a recipe failed."""
    chosen = _recipes(given.package, given.folder)
    _check_questions(given.question, measure.questions(given.folder / "_engine"))
    targets = _targets(given)
    prefix = environments.contained()
    scratch.clear(launch.temporary_root())
    failed = False
    if given.locks_only and not given.out:
        raise UsageError("--locks-only needs --out DIR: the locks are all that it writes.")
    with interrupts.Interrupts() as interrupted:
        how = measure.How(
            jobs=given.jobs, prefix=prefix, interrupted=interrupted, tell=_tell,
            repeat=given.repeat, questions=tuple(given.question), time_scale=given.time_scale,
        )  # fmt: skip
        for target in targets:
            for recipe in chosen:
                for version in _versions(recipe, target, given):
                    failed |= not _measured(recipe, version, target, how, given)
    return Status.ERRORS if failed else Status.DONE


def _measured(recipe: Recipe, version: str | None, target: Target, how: measure.How, given: argparse.Namespace) -> bool:
    """Measure one version on one target, tell what was seen, and keep it; whether all questions have an answer."""
    series = identify.series_of(target.facts)
    try:
        environment = environments.make(recipe, Path(target.command[0]), series, version, upgrade=given.upgrade)
    except environments.NoWheelError as error:
        print(
            f"\n{' '.join(filter(None, [recipe.name, version]))} on {target.id}\n{NO_WHEEL.format(error)}", flush=True
        )
        none = Measurement(
            version=version or measurement.NO_VERSION, target=target.id, source_sha256=recipe.sha256, wheel=False,
            measured=datetime.now(UTC).strftime("%Y-%m-%d"),
        )  # fmt: skip
        if given.out and not given.locks_only:
            print(f"  kept: {measurement.save(recipe.name, [none], given.out)}", flush=True)
        return True
    print(f"\n{recipe.name} {environment.version} on {target.id}", flush=True)
    if given.locks_only:
        _keep_lock(recipe, series, environment.lock, given.out)
        return True
    print("  What works is told at the end; a child that hangs takes 6 s, a parent that hangs a minute.", flush=True)
    found = measure.measure(recipe, environment, target, how)
    if found is None:
        raise KeyboardInterrupt
    print("\n".join([*lines(recipe, found), *doubts(found)]), flush=True)
    if not whole(found):
        return False
    if given.out and given.repeat < measure.REPEAT:
        print(f"  not kept: fewer than {measure.REPEAT} attempts", flush=True)
    elif given.out:
        print(f"  kept: {measurement.save(recipe.name, [found], given.out)}", flush=True)
        if not version:
            _keep_lock(recipe, series, environment.lock, given.out)
    return True


def _keep_lock(recipe: Recipe, series: str, lock: str, out: Path) -> None:
    path = environments.lock_path(recipe.name, series, out)
    path.parent.mkdir(parents=True, exist_ok=True)
    atomic_write.write_text(path, [lock])


def whole(found: Measurement) -> bool:
    """Whether every attempt gave an answer."""
    return not any(
        cell.answer == "error" or (cell.answer == "flaky" and "error" in cell.detail.split()) for cell in found.cells
    )


def doubts(found: Measurement) -> list[str]:
    """What to look at before a measurement is believed: questions without an answer, controls that fail."""
    failing = [
        cell.question
        for cell in found.cells
        if cell.question in ("first_use", cells.SPAWNED[0], *cells.RACES)
        and cell.method == "spawn"
        and cell.answer not in (cells.WORKS, "error")
    ]
    told = [CONTROL_FAILS.format(", ".join(failing))] if failing else []
    return told if whole(found) else [*told, NOT_KEPT]


def _recipes(names: Sequence[str], folder: Path) -> list[Recipe]:
    known = {recipe.name: recipe for recipe in recipes.load(folder)}
    wanted = [recipes.normalized(name) for name in names] or list(known)
    for name in wanted:
        if name not in known:
            raise NothingSelectedError(f"There is no recipe for {name}. Write one: nox -s new-package -- {name}")
    return [known[name] for name in wanted]


def _check_questions(names: Sequence[str], known: Sequence[str]) -> None:
    for name in names:
        if name not in known:
            raise NothingSelectedError(f"There is no question {name}. They are: {', '.join(known)}.")


def _targets(given: argparse.Namespace) -> list[Target]:
    """The interpreters; of each series the newest."""
    if given.python:
        return [identify.identify([path]) for path in given.python]
    newest = {}
    for series in given.series or ("3.12", "3.13", "3.14"):
        for target in identify.find(series):
            if target.launcher == "base":
                newest[series] = target
    if not newest:
        raise NothingSelectedError("None of these Pythons is on this machine. Name one with --python PATH.")
    return list(newest.values())


def _versions(recipe: Recipe, target: Target, given: argparse.Namespace) -> Sequence[str | None]:
    """Which versions of a package to measure; None is the newest."""
    if given.versions:
        return environments.versions(recipe, Path(target.command[0]), given.versions)
    return given.version or [None]


def _tell(verdict: Verdict) -> None:
    """Tell of an attempt that does not work, once it is over."""
    said = cells.word(verdict)
    if verdict.outcome is Outcome.ERROR:
        printed = verdict.output.text.strip().splitlines()[-LINES:]
        print("\n".join(["", *("    " + line for line in printed)]), flush=True)
        hint = next((hint for pattern, hint in HINTS if re.search(pattern, verdict.detail)), "")
        if hint:
            print(f"    {hint}", flush=True)
    if said != cells.WORKS and verdict.probe.partition(".")[2] not in cells.FACTS:
        shown = cells.told(verdict)[:150]
        print(f"  {verdict.probe.partition('.')[2]} {verdict.method}: {said}: {shown}", flush=True)


def lines(recipe: Recipe, found: Measurement) -> Iterator[str]:
    """What was measured, a line for each question, and the sentence that decides."""
    by_question: dict[str, list[str]] = {}
    for cell in found.cells:
        share = f" ({cell.failed} of {cell.children} children fail)" if cell.failed and cell.children else ""
        share = share or (f" ({cell.agree} of {cell.n})" if cell.agree != cell.n else "")
        doubt = "" if cell.fact or cell.answer == "error" else " [no fact: the control under spawn fails]"
        method = "" if cell.method == "none" else f"{cell.method} "
        by_question.setdefault(cell.question, []).append(f"{method}{cell.answer}{share}{doubt}")
    every = measure.questions(recipe.engine)
    for question in every:
        if question in by_question:
            yield f"  {question:<18} {'; '.join(by_question[question])}"
    if set(every) <= set(by_question):
        yield f"  → {cells.ADVICE[cells.advice(found)]}  ({found.seconds:g} s)"


def new_package(given: argparse.Namespace) -> int:
    """Write the skeleton of a recipe."""
    if not recipes.is_name(given.name):
        raise UsageError(f"{given.name[:60]!r} is no package's name. Write it as on PyPI.")
    name = recipes.normalized(given.name)
    path = RECIPES / f"{name.replace('-', '_')}.py"
    atomic_write.write_text(path, [new_recipe.text(name, path)])
    shown = os.path.relpath(path)
    print(f"{shown}: replace what is marked `# replace`, then try it:")
    print(f"  nox -s packages -- --package {name} --series 3.13 --repeat 1")
    return Status.DONE
