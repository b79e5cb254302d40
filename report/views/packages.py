"""Popular packages under every start method: the table of all, and a page for each. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from packaging.version import InvalidVersion, Version

from matrix.model import METHODS, Outcome, Probe
from matrix.packages import cells
from matrix.packages.measurement import NO_VERSION, Measurement, PackageCell, PackageData
from matrix.packages.recipes import Recipe
from report.model.i18n import N_
from report.model.outcome_styles import STYLES, OutcomeStyle

COLUMNS = {
    "first_use": N_("first used in a child"),
    "own_object": N_("own object in a child"),
    "parent_object": N_("the parent's object"),
    "let_go": N_("closed by a child"),
    "forked_while_busy": N_("while a thread uses it"),
    "shared_use": N_("used by both at once"),
    "preloaded": N_("preloaded"),
    "thread_count": N_("threads"),
    "fork_handlers": N_("fork handlers"),
    "start_method": N_("start method"),
}
"""The questions in their order, and what stands above their columns."""

HOST_COLUMNS = {
    "process": N_("a process"),
    "pool": N_("an executor"),
    "default_method": N_("start method"),
    "imported_thread": N_("a thread from the import"),
}
"""Likewise the questions that are asked of hosts."""

WORDS = (
    N_("works"), N_("raises"), N_("wrong result"), N_("hangs"), N_("crashes"), N_("cannot be passed"),
    N_("breaks the parent"), N_("parent hangs"), N_("parent crashes"), N_("flaky"), N_("error"), N_("unavailable"),
    N_("none"), N_("not touched"), N_("no threads, fork does not warn"), N_("threads after use, fork warns"),
    N_("threads after use, fork does not warn"), N_("threads after import, fork warns"),
    N_("threads after import, fork does not warn"), N_("no threads, fork warns"), N_("Python and C"),
    N_("fork only while no other thread uses it"), N_("make a new object in each process"),
    N_("start processes before you use it"), N_("use spawn or forkserver"), N_("broken under spawn too"),
    N_("not known: the recipe fails"), N_("no wheel for this Python"), N_("every start method works"),
    N_("only fork works"), N_("some start methods work"), N_("no start method works"), N_("it runs"), N_("it is gone"),
)  # fmt: skip
"""Every text of matrix.packages.cells that a page shows, for the catalogues."""

STANCES = {
    "safe": N_("The maintainers say that it may be used after a fork."),
    "unsafe": N_("The maintainers warn of fork."),
    "silent": N_("The documentation was read; it says nothing of fork."),
    "unread": N_("Nobody has read yet what the documentation says of fork."),
}

HOST_STANCES = {
    "safe": N_("The maintainers say that it works."),
    "unsafe": N_("The maintainers warn of it."),
    "silent": N_("The documentation was read; it says nothing of starting processes."),
    "unread": N_("Nobody has read yet what the documentation says of starting processes."),
}

_STYLES = {
    "works": Outcome.YES, "hangs": Outcome.HANG, "parent hangs": Outcome.HANG, "crashes": Outcome.CRASH,
    "parent crashes": Outcome.CRASH, "cannot be passed": Outcome.UNAVAILABLE, "unavailable": Outcome.UNAVAILABLE,
    "flaky": Outcome.FLAKY, "error": Outcome.ERROR,
}  # fmt: skip
_SYSTEMS = {"macos": "macOS", "windows": "Windows"}
_TO_DO = {cells.ADVICE[key] for key in ("idle", "own", "early", "spawn")}
_ADVICE = {"works": Outcome.YES, "any method": Outcome.YES, "unknown": Outcome.ERROR, "no wheel": Outcome.UNAVAILABLE}


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageAnswer:
    """One answer, and the start methods that gave it. share: '3 of 21', where not all attempts agree."""

    style: OutcomeStyle
    word: str
    methods: tuple[str, ...]
    share: str
    detail: str
    stacks: str
    fact: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One measurement: a version on a Python, the sentence that decides, and the answers to each question.

    series: the Python's; python: as it is shown, with the system if that is not Linux.
    """

    measurement: Measurement
    series: str
    python: str
    style: OutcomeStyle
    advice: str
    answers: Mapping[str, tuple[PackageAnswer, ...]]

    @property
    def is_advice(self) -> bool:
        """Whether the sentence says what to do: a cross before it would say not to."""
        return self.advice in _TO_DO

    @property
    def version(self) -> str:
        """The release; a dash where no release has a wheel for this Python."""
        return "-" if self.measurement.version == NO_VERSION else self.measurement.version


@dataclass(frozen=True, slots=True, kw_only=True)
class PackagePage:
    """All that the page of one package shows; newest is the column of the table of all packages."""

    recipe: Recipe
    questions: tuple[Probe, ...]
    newest: Column
    columns: tuple[Column, ...]
    stance: str

    @property
    def name(self) -> str:
        """The package's name."""
        return self.recipe.name

    @property
    def elsewhere(self) -> tuple[tuple[str, Column], ...]:
        """The other sentences on the newest column's release: ('3.12, 3.13', a column of those Pythons) each."""
        others: dict[str, list[Column]] = {}
        for column in sorted(self.columns, key=lambda column: _python(column.measurement)):
            if column.version == self.newest.version and column.measurement.wheel:
                others.setdefault(column.advice, []).append(column)
        others.pop(self.newest.advice, None)
        return tuple((", ".join(dict.fromkeys(one.python for one in same)), same[0]) for same in others.values())

    @property
    def several_libcs(self) -> bool:
        """Whether its columns differ in the C library too: that may make a difference instead of the Python."""
        return len({column.measurement.libc for column in self.columns if column.measurement.wheel}) > 1

    @property
    def page(self) -> str:
        """The name of its page, without '.html': a package may be a host too."""
        return f"host-{self.name}" if self.recipe.is_host else self.name

    @property
    def file(self) -> str:
        """The path of its data, below that of the API."""
        return f"{self.recipe.data.name}/{self.name}.json"

    @property
    def command(self) -> str:
        """What measures the newest column again."""
        newest = self.newest
        words = f"--package {self.name} --series {newest.series} --version {newest.version}"
        return f"nox -s {self.recipe.data.name} -- {words}"


def package_pages(
    recipes: Iterable[Recipe], data: Mapping[str, PackageData], questions: Sequence[Probe]
) -> tuple[PackagePage, ...]:
    """A page for each recipe that was measured, by name."""
    return tuple(
        _page(recipe, data[recipe.name].measurements, questions)
        for recipe in recipes
        if recipe.name in data and data[recipe.name].measurements
    )


def _page(recipe: Recipe, measurements: Iterable[Measurement], questions: Sequence[Probe]) -> PackagePage:
    ordered = sorted(measurements, key=lambda row: (_version(row.version), _python(row)), reverse=True)
    columns = tuple(_column(row) for row in ordered)
    return PackagePage(
        recipe=recipe,
        questions=tuple(questions),
        newest=max(columns, key=_newest),
        columns=columns,
        stance=(HOST_STANCES if recipe.is_host else STANCES)[recipe.stance],
    )


def _newest(column: Column) -> tuple[bool, bool, Version, Version]:
    """Of Linux and the ordinary build, if there is a wheel for it: that is what most programs run on."""
    row = column.measurement
    ordinary = column.series == column.python and not column.series.endswith("t")
    return row.wheel, ordinary, _python(row), _version(row.version)


def _version(text: str) -> Version:
    try:
        return Version(text.partition("+")[0])
    except InvalidVersion:
        return Version("0")


def _python(row: Measurement) -> Version:
    return _version(row.target.split("-")[1])


def _column(row: Measurement) -> Column:
    key = cells.advice(row)
    system = row.target.split("-")[2]
    series = cells.series(row)
    return Column(
        measurement=row,
        series=series,
        python=series if system == "linux" else f"{series}, {_SYSTEMS.get(system, system)}",
        style=STYLES[_ADVICE.get(key, Outcome.NO)],
        advice=cells.ADVICE[key],
        answers={
            question: answers([cell for cell in row.cells if cell.question == question])
            for question in (*COLUMNS, *HOST_COLUMNS)
        },
    )


def answers(given: Sequence[PackageCell]) -> tuple[PackageAnswer, ...]:
    """The answers to one question, each once with all start methods that gave it; what works stands last."""
    alike: dict[tuple[str, str, bool], list[PackageCell]] = {}
    for cell in sorted(given, key=lambda cell: (cell.answer == cells.WORKS, METHODS.index(cell.method))):
        alike.setdefault((cell.answer, _share(cell), cell.fact), []).append(cell)
    return tuple(
        PackageAnswer(
            style=STYLES[_style(several[0])],
            word=word,
            methods=tuple(cell.method for cell in several if cell.method != "none"),
            share=share,
            detail=next((cell.detail for cell in several if cell.detail), ""),
            stacks=next((cell.stacks for cell in several if cell.stacks), ""),
            fact=fact,
        )
        for (word, share, fact), several in alike.items()
    )


def _style(cell: PackageCell) -> Outcome:
    if cell.question in cells.FACTS:
        return Outcome.VALUE
    return _STYLES.get(cell.answer, Outcome.NO)


def _share(cell: PackageCell) -> str:
    """'3 of 21': of the children that were started, or else of the attempts."""
    if cell.failed and cell.children:
        return f"{cell.failed}/{cell.children}"
    return f"{cell.agree}/{cell.n}" if cell.agree != cell.n else ""
