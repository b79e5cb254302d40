"""Alterations of what probes observe: each row says how an answer must change when the world does.

What is altered is the child, a script that a probe launches, or Python itself (by code that runs before the theme is
imported, in every process); never the code that judges.
"""

from __future__ import annotations

from dataclasses import dataclass

POSIX = 'sys_platform != "win32"'
LINUX = 'sys_platform == "linux"'
OLD = POSIX + ' and python_version < "3.13"'
NEW = POSIX + ' and python_version >= "3.11"'
CPYTHON = LINUX + " and platform_python_implementation == 'CPython'"
PATHS = POSIX + ' and python_version < "3.14"'
FORK = LINUX + ' and python_version < "3.14"'
INTERPRETERS = LINUX + ' and python_version >= "3.14"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """One alteration. Answers are what a probe prints: an outcome, or repr() of a value."""

    probe: str
    methods: tuple[str, ...]
    file: str
    """Altered file, relative to probes/."""
    old: str
    new: str
    before: str
    after: str
    """`error` where the probe must refuse: what it then sees is neither yes nor no."""
    only: str
    """PEP 508 marker: where the unaltered answer is so."""
    refusable: bool = False
    """Whether the system may refuse what the probe needs, such as mounts: it is then `unavailable`, unaltered."""


def child(
    probe: str,
    method: str,
    old: str,
    new: str,
    answers: str,
    only: str = POSIX,
    file: str = "",
    *,
    refusable: bool = False,
) -> Mutation:
    """Something else is done in the child, or by the script that is launched. answers: 'before > after'."""
    before, _, after = answers.partition(" > ")
    theme = probe.partition(".")[0] + ".py"
    return Mutation(
        probe=probe, methods=tuple(method.split()), file=file or theme, old=old, new=new, before=before, after=after,
        only=only, refusable=refusable,
    )  # fmt: skip


def python(probe: str, method: str, code: str, answers: str, only: str = POSIX, *, refusable: bool = False) -> Mutation:
    """Python itself is another: code that runs before all of the theme's own."""
    start = "from _probe import"
    return child(probe, method, start, code.strip() + "\n" + start, answers, only, refusable=refusable)


def after_fork(call: str) -> str:
    """Code for python(): every forked child first evaluates this, with what the theme has."""
    return f"import os, signal\nos.register_at_fork(after_in_child=lambda: {call})"


PICKLE_LOCK = "import copyreg, threading as t; copyreg.pickle(type(t.Lock()), lambda lock: (t.Lock, ()))"
NOT_DAEMONIC = "    import multiprocessing; multiprocessing.current_process()._config['daemon'] = False\n"
MP = "import multiprocessing, multiprocessing.process as p, multiprocessing.context as c\n"
EXECUTOR = "import concurrent.futures.process as f; e = f.ProcessPoolExecutor\n"
LOCAL_FUNCTIONS = """
import marshal, multiprocessing.reduction, types
def rebuild(code):
    return types.FunctionType(marshal.loads(code), globals())
def override(self, thing):
    if not isinstance(thing, types.FunctionType) or "<locals>" not in thing.__qualname__:
        return NotImplemented
    return rebuild, (marshal.dumps(thing.__code__),)
multiprocessing.reduction.ForkingPickler.reducer_override = override
"""
"""A Python that sends a function without a name in a module as its code."""
BRIEF = "import os; os.environ['CANIFORK_TIME_SCALE'] = '0.2'\n"
"""For what never comes in the altered world: it is waited for in vain, so not for long."""
