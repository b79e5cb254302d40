"""Alterations of what the probes of subinterpreters observe."""

from tests.probes.mutation import CPYTHON, python

IN_MAIN = (
    "import sys, types; sys.modules['_interpreters'] = types.SimpleNamespace(\n"
    "    create=lambda: 1, destroy=int, run_string=lambda number, code: exec(code, {}))"
)
"""There is no subinterpreter: the main one runs the code."""

NO_SEMAPHORES = "import _multiprocessing; del _multiprocessing.SemLock"

NO_PROGRAMS = """
import subprocess
def refuse(*some, **more):
    raise RuntimeError("subprocess not supported for isolated subinterpreters")
subprocess.Popen = refuse
"""


def first(code: str) -> str:
    """A subinterpreter runs this before the code that it is given."""
    return (
        "import importlib as i, importlib.util as u\n"
        "m = i.import_module('_interpreters' if u.find_spec('_interpreters') else '_xxsubinterpreters')\n"
        f"old = m.run_string\nm.run_string = lambda number, text: old(number, {code!r} + chr(10) + text)"
    )


MUTATIONS = (
    python("subinterpreters.after_start", "fork", IN_MAIN, "no > yes", CPYTHON),
    python("subinterpreters.fork", "none", IN_MAIN, "no > yes", CPYTHON),
    python("subinterpreters.start", "fork", IN_MAIN, "no > yes", CPYTHON),
    python("subinterpreters.program", "none", IN_MAIN, "no > yes", CPYTHON + ' and python_version < "3.12"'),
    python(
        "subinterpreters.program", "none", first(NO_PROGRAMS), "yes > no", CPYTHON + ' and python_version >= "3.12"'
    ),
    python("subinterpreters.lock", "fork", first(NO_SEMAPHORES), "yes > no", CPYTHON + ' and python_version != "3.12"'),
)
