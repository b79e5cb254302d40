"""Fork, spawn and forkserver side by side, each line measured, and which one suits a situation. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from matrix.model import METHODS, Cell, Outcome, Probe
from report.model.cells import CellView, cell_view
from report.model.i18n import N_
from report.model.matrix_index import MatrixIndex
from report.model.pending import pending_platforms, promises
from report.model.platforms import Interpreter, Platform
from report.model.shown import START, shown_platforms
from report.model.values import is_number, value_text

NAMES = METHODS[:3]
TIMES = "\N{MULTIPLICATION SIGN}"

TOPICS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        N_("The main script"),
        ("guard.unguarded_script", "guard.main_again", "guard.target_under_guard", "scripts.interactive"),
    ),
    (
        N_("What a child inherits"),
        (
            "semantics.parent_global_seen", "workers.early_global", "semantics.monkeypatch_seen",
            "state.logging_configuration", "inheritance.environment", "preload.late_environment",
            "inheritance.open_fds", "resources.file_descriptor",
        ),
    ),
    (
        N_("What must be picklable"),
        (
            "callables.lambda_target", "callables.nested_function", "arguments.threading_lock",
            "objects.instance_with_lock", "arguments.text_file", "tasks.lambda_in_pool", "sharing.queue_in_pool_task",
        ),
    ),
    (
        N_("Threads"),
        ("safety.held_lock", "safety.held_import", "threads.go_on", "threads.warning", "resources.tls_connection"),
    ),
    (N_("Packaged programs"), ("executables.frozen_supported", "executables.frozen_unsupported", "scripts.dash_m")),
    (
        N_("Time and memory"),
        (
            "cost.start_time", "cost.first_start_time", "cost.argument_time", "cost.parent_of_512_mib_time",
            "cost.imports_time", "cost.child_memory", "cost.imports_memory", "cost.reading_memory",
            "cost.helper_memory", "forkserver.helpers",
        ),
    ),
)  # fmt: skip
"""What the user documentation says of start methods, and the questions that measure it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """A kind of program, the method that suits it, and the questions whose answers are the reason."""

    text: str
    method: str
    advice: str
    because: tuple[str, ...]


SITUATIONS = (
    Situation(
        text=N_("Threads run before processes are started: a web server, a GUI, a library with a thread pool"),
        method="forkserver",
        advice=N_("A forked child has none of the other threads, and the locks that they held stay locked."),
        because=("safety.held_lock", "safety.held_import"),
    ),
    Situation(
        text=N_("The program has to run on Windows and macOS too"),
        method="spawn",
        advice=N_("It is the only method that every platform has: write the main guard, pass what can be pickled."),
        because=("availability.starts", "guard.guarded_script"),
    ),
    Situation(
        text=N_("Workers read large data that the program has already loaded"),
        method="fork",
        advice=N_(
            "Start the workers before any thread: they share its memory. Otherwise the data is pickled or loaded again."
        ),
        because=("workers.early_global", "semantics.parent_global_seen"),
    ),
    Situation(
        text=N_("Arguments, targets or globals that cannot be pickled, and no time to change that"),
        method="fork",
        advice=N_("Name it: it is no longer the default on Linux from 3.14 on. It keeps the hazards of threads."),
        because=("callables.nested_function", "objects.instance_with_lock"),
    ),
    Situation(
        text=N_("Many processes, one after the other"),
        method="forkserver",
        advice=N_("Its children start faster than spawned ones, faster still with set_forkserver_preload()."),
        because=("cost.start_time", "cost.imports_time", "cost.preloaded_imports_time"),
    ),
    Situation(
        text=N_("A library that starts processes for others"),
        method="spawn",
        advice=N_("Take a context as a parameter, and use get_context(), never set_start_method(), for the default."),
        because=("availability.side_by_side",),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodCell:
    """What one method answers. view: yes and no with versions; or text: a number on the newest Python, with its ratio
    to fork's where both are known."""

    method: str
    view: CellView | None = None
    text: str = ""
    ratio: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodRow:
    """One question; a cell for each method, None where it is not asked."""

    probe: Probe
    cells: tuple[MethodCell | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """Questions that belong together in the user documentation."""

    title: str
    rows: tuple[MethodRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Availability:
    """One platform: for each method the versions whose default it is ('' for none), or None where it does not exist."""

    platform: Platform
    defaults: tuple[str | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised:
    """One platform that nobody has measured: for each method what documents say of its existence, or ''."""

    title: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """A situation with the answers that are its reason, under every method."""

    situation: Situation
    rows: tuple[MethodRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodPage:
    """All that the page shows. platform: where the answers were measured, newest: its newest Python."""

    platform: Platform | None
    newest: Interpreter | None
    where: tuple[Availability, ...]
    promised: tuple[Promised, ...]
    topics: tuple[Topic, ...]
    advice: tuple[Advice, ...]
    methods: tuple[str, ...] = NAMES


def method_page(index: MatrixIndex) -> MethodPage:
    """The comparison of the methods, on the first platform that has columns."""
    platforms = shown_platforms(index)
    if not platforms:
        return MethodPage(platform=None, newest=None, where=(), promised=(), topics=(), advice=())
    platform = platforms[0]
    topics = ((title, tuple(_rows(names, platform, index))) for title, names in TOPICS)
    advice = ((situation, tuple(_rows(situation.because, platform, index))) for situation in SITUATIONS)
    return MethodPage(
        platform=platform,
        newest=_newest(platform),
        where=tuple(_availability(each, index) for each in platforms),
        promised=tuple(_promised(index)),
        topics=tuple(Topic(title=title, rows=rows) for title, rows in topics if rows),
        advice=tuple(Advice(situation=situation, rows=rows) for situation, rows in advice),
    )


def _newest(platform: Platform) -> Interpreter:
    """The newest release of the main line."""
    members = platform.builds[0].members
    return ([target for target in members if target.version.stable] or list(members))[-1]


def _availability(platform: Platform, index: MatrixIndex) -> Availability:
    absent, defaults = index.absent[platform.slug], index.defaults[platform.slug]
    found = tuple(None if method in absent else defaults.get(method, "") for method in NAMES)
    return Availability(platform=platform, defaults=found)


def _promised(index: MatrixIndex) -> Iterator[Promised]:
    probe = index.probes.get(START)
    if probe is None:
        return
    for platform in pending_platforms(index):
        said = {method: each.text for each in promises(probe, platform) for method in each.methods or platform.methods}
        yield Promised(title=platform.title, texts=tuple(said.get(method, "") for method in NAMES))


def _rows(names: tuple[str, ...], platform: Platform, index: MatrixIndex) -> Iterator[MethodRow]:
    for probe in (index.probes[name] for name in names if name in index.probes):
        if probe.methods:
            yield MethodRow(probe=probe, cells=tuple(_cell(probe, method, platform, index) for method in NAMES))


def _cell(probe: Probe, method: str, platform: Platform, index: MatrixIndex) -> MethodCell | None:
    if method not in probe.methods or method in index.absent[platform.slug]:
        return None
    if not probe.measured:
        view = cell_view(probe, platform, index.cells(probe, method), index.known)
        return MethodCell(method=method, view=view)
    newest = _newest(platform).id
    values: Mapping[str, float | None] = {
        name: _number(index.cells(probe, name).get(newest)) for name in (method, "fork")
    }
    value, base = values[method], values["fork"]
    if value is None:
        return MethodCell(method=method)
    ratio = f"{value / base:.2g} {TIMES}" if base and method != "fork" else ""
    return MethodCell(method=method, text=value_text(value, probe.unit), ratio=ratio)


def _number(cell: Cell | None) -> float | None:
    return float(cell.value) if cell and cell.outcome is Outcome.VALUE and is_number(cell.value) else None
