"""probes/packages/*.py, probes/hosts/*.py -> list of Recipe. The constants of a recipe are read without running it."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement

from matrix.errors import CatalogError
from matrix.model import Json
from matrix.paths import PROBES, ROOT
from matrix.suite import digest
from matrix.system import safe_read

RECIPES = PROBES / "packages"
ENGINE = RECIPES / "_engine"
"""Folder of the questions: a suite of its own, of one script."""

HOSTS = PROBES / "hosts"
"""Recipes of programs that run other people's code; their questions are in a suite of their own."""

MAX_RECIPE = 2**20
"""Bytes of a recipe that is read."""

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?")

STANCES = ("safe", "unsafe", "silent", "unread")
"""What maintainers say of using their package after a fork; silent: nothing was found; unread: nobody has looked."""

_FUNCTIONS = {"make": (0, 1), "use": (1,), "close": (1,)}
_HOST_FUNCTIONS = {"run": (1,)}
"""Functions that a recipe must have, and how many parameters each may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How to use one package. name: the package's, or that and a suffix for another way to use it; file: its path.

    requires[0] is the package itself, each with bounds; imports: the modules that using it imports; says: the
    maintainers' word in one sentence, address where it stands; threads: (title, address) of public reports;
    searched: when such were looked for and not found; note: what was found out besides the answers.
    """

    name: str
    file: Path
    summary: str
    imports: tuple[str, ...]
    requires: tuple[str, ...]
    stance: str
    says: str
    address: str
    threads: tuple[tuple[str, str], ...]
    searched: str
    source: str
    note: str = ""
    is_host: bool = False

    @property
    def engine(self) -> Path:
        """The folder of the questions."""
        return HOSTS / "_engine" if self.is_host else ENGINE

    @property
    def data(self) -> Path:
        """The folder of what was published of it."""
        return ROOT / "data" / ("hosts" if self.is_host else "packages")

    @property
    def package(self) -> str:
        """The package's name as PyPI compares it."""
        return normalized(re.split(r"[<>=~!\[;, ]", self.requires[0], maxsplit=1)[0])

    @property
    def sha256(self) -> str:
        """One hash of all that a measurement depends on: the recipe, the questions, and the helpers that those name."""
        sources = [(self.file.name, _without_words(self.source).encode())]
        sources += [(path.name, digest.without_words(digest.plain(path))) for path in self.engine.glob("[!_]*.py")]
        return digest.of(sources, {*self.engine.glob("_*.py"), *ENGINE.glob("_*.py"), *PROBES.glob("_*.py")})


def load(folder: Path = RECIPES) -> tuple[Recipe, ...]:
    """All recipes of a folder by name. Raises CatalogError for one that lacks something, and says what."""
    found: dict[str, Recipe] = {}
    for path in sorted(folder.glob("[!_]*.py")):
        recipe = read(path)
        other = found.setdefault(recipe.name, recipe)
        if other is not recipe:
            raise CatalogError(f"{path} and {other.file.name} are both recipes for {recipe.name}. Keep one.")
    return tuple(found[name] for name in sorted(found))


def read(path: Path) -> Recipe:
    """The recipe in a file. Raises CatalogError."""
    try:
        source = safe_read.read_named(path, MAX_RECIPE).decode("utf-8")
        tree = ast.parse(source)
        constants = _constants(tree)
    except (OSError, safe_read.UnsafeFileError) as error:
        raise CatalogError(f"Cannot read {path}: {getattr(error, 'strerror', '') or f'it is {error}'}.") from None
    except SyntaxError as error:
        raise CatalogError(f"{path}, line {error.lineno or 1}: {error.msg}.") from None
    except UnicodeDecodeError as error:
        raise CatalogError(f"{path} is not UTF-8 at byte {error.start}. Save it as UTF-8.") from None
    except (ValueError, RecursionError, MemoryError) as error:  # NUL bytes; nested too deeply
        raise CatalogError(f"{path} is no recipe: {error or 'nested too deeply'}.") from None
    functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    is_host = "run" in functions and "make" not in functions
    if is_host:
        constants.setdefault("IMPORTS", ("host",))
    fault = _missing(tree, constants, _HOST_FUNCTIONS if is_host else _FUNCTIONS)
    if fault:
        raise CatalogError(f"{path}: {fault} docs/adding-a-package.md has an example.")
    return Recipe(
        name=normalized(constants["NAME"]),
        file=path,
        summary=(ast.get_docstring(tree) or "").rstrip("."),
        imports=constants["IMPORTS"],
        requires=constants["REQUIRES"],
        stance=constants["STANCE"],
        says=constants["SAYS"],
        address=constants["ADDRESS"],
        threads=constants.get("THREADS", ()),
        searched=constants.get("SEARCHED", ""),
        source=source,
        note=constants.get("NOTE", ""),
        is_host=is_host,
    )


def is_name(name: str) -> bool:
    """Whether PyPI takes it as a package's name."""
    return _NAME.fullmatch(name) is not None


def normalized(name: str) -> str:
    """A package's name as PyPI compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _without_words(source: str) -> str:
    """A recipe's source without what is said of the package: words can change without measuring again."""
    words = {"NAME", "STANCE", "SAYS", "ADDRESS", "THREADS", "SEARCHED", "NOTE"}
    kept = [
        ast.get_source_segment(source, node) or ""
        for node in ast.parse(source).body[1:]
        if not (isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id in words)
    ]
    return "\n".join(kept)


def _constants(tree: ast.Module) -> dict[str, Json]:
    found = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id.isupper():
            try:
                found[node.targets[0].id] = ast.literal_eval(node.value)
            except (ValueError, TypeError):
                continue  # a constant of the recipe's own
    return found


def _imported_at_the_top(tree: ast.Module) -> set[str]:
    """The top-level packages that a module imports when it is imported itself."""
    direct = {alias.name for node in tree.body if isinstance(node, ast.Import) for alias in node.names}
    found = {node.module or "" for node in tree.body if isinstance(node, ast.ImportFrom)}
    return {name.partition(".")[0] for name in direct | found}


def _wrong_words(constants: Mapping[str, Json]) -> str:
    """What is wrong in the constants, which are of the right kinds; '' if nothing."""
    if not is_name(constants["NAME"]):
        return f"NAME {constants['NAME'][:60]!r} is no package's name. Write it as on PyPI."
    if not all(isinstance(name, str) for name in constants["IMPORTS"]):
        return "IMPORTS are names of modules."
    for text in constants["REQUIRES"]:
        try:
            requirement = Requirement(text)
        except (InvalidRequirement, TypeError):
            return f"{str(text)[:60]!r} in REQUIRES is no requirement."
        if not requirement.specifier:
            return f"{text} in REQUIRES has no lower bound: write {text}>=1.0."
    if not all(isinstance(constants.get(name, ""), str) for name in ("SEARCHED", "NOTE")):
        return "SEARCHED and NOTE are texts."
    threads = constants.get("THREADS", ())
    pairs = isinstance(threads, tuple) and all(isinstance(pair, tuple) and len(pair) == 2 for pair in threads)
    if not pairs or not all(isinstance(text, str) for pair in threads for text in pair):
        return "THREADS are pairs of a title and an address."
    return ""


def _missing(tree: ast.Module, constants: Mapping[str, Json], needed: Mapping[str, tuple[int, ...]]) -> str:
    """What a recipe lacks, in a sentence; '' if nothing."""
    if not ast.get_docstring(tree):
        return "it has no docstring: say in one line what the package is."
    kinds: dict[str, type] = {"NAME": str, "IMPORTS": tuple, "REQUIRES": tuple, "STANCE": str, "SAYS": str}
    for name, kind in {**kinds, "ADDRESS": str}.items():
        if not isinstance(constants.get(name), kind) or not constants[name]:
            return f"it needs {name}, a {kind.__name__} that is not empty."
    if constants["STANCE"] not in STANCES:
        return f"STANCE is one of {', '.join(STANCES)}."
    if fault := _wrong_words(constants):
        return fault
    early = _imported_at_the_top(tree) & {name.partition(".")[0] for name in constants["IMPORTS"]}
    if early:
        return (
            f"it imports {min(early)} at its top, so that no child could be the first: import it inside the functions."
        )
    functions = {node.name: len(node.args.args) for node in tree.body if isinstance(node, ast.FunctionDef)}
    for name, counts in needed.items():
        if functions.get(name) not in counts:
            return f"it needs a function {name}() with {counts[0]} parameter{'s' if counts[0] != 1 else ''}."
    if ("serve" in functions) != (functions.get("make") == 1):
        return "make(address) and serve(ready) belong together: write both, or make() alone."
    return ""
