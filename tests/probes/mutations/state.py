"""Alterations of what the probes of state observe."""

from tests.probes.mutation import LINUX, MP, POSIX, Mutation, child, python


def cleared(probe: str, code: str, only: str = POSIX) -> Mutation:
    """A Python that does something first in each forked child."""
    return python(probe, "fork", "import os\n" + code % "os.register_at_fork(after_in_child=lambda: ", "yes > no", only)


MUTATIONS = (
    child(
        "state.random_seed",
        "fork",
        "    return [random.random() for _ in range(3)]\n",
        "    random.seed(42)\n    return [random.random() for _ in range(3)]\n",
        "no > yes",
    ),
    child(
        "state.recursion_limit",
        "fork",
        "return kept(ctx, plain + 777, plain, sys.getrecursionlimit)",
        "return kept(ctx, plain + 777, plain, int)",
        "yes > error",
    ),
    child(
        "state.trace_function",
        "spawn",
        "    (lambda: None)()\n",
        "    sys.settrace(trace)\n    (lambda: None)()\n",
        "no > yes",
    ),
    cleared("state.context_variable", "%svariable.set(None))"),
    cleared("state.decimal_precision", "import decimal\n%sdecimal.setcontext(decimal.Context(prec=28)))"),
    python(
        "state.event_loop",
        "fork spawn",
        MP + "import asyncio\nrun = p.BaseProcess.run\nasync def start(self):\n    run(self)\n"
        "p.BaseProcess.run = lambda self: asyncio.run(start(self))",
        "no > yes",
    ),
    cleared("state.garbage_collector", "import gc\n%sgc.enable())"),
    cleared("state.locale_setting", "import locale\n%slocale.setlocale(locale.LC_NUMERIC, 'C'))", LINUX),
    cleared(
        "state.logging_configuration",
        "import logging\n%s(logging.root.handlers.clear(), logging.root.setLevel(logging.WARNING)))",
    ),
    python(
        "state.multiprocessing_logger",
        "spawn forkserver",
        "import multiprocessing.spawn as s\nget = s.get_preparation_data\ndef without_level(name):\n"
        "    return {key: value for key, value in get(name).items() if key != 'log_level'}\n"
        "s.get_preparation_data = without_level",
        "yes > no",
    ),
    python(
        "state.random_instance",
        "spawn forkserver",
        "import copyreg, random; copyreg.pickle(random.Random, lambda generator: (random.Random, ()))",
        "yes > no",
    ),
    cleared("state.switch_interval", "import sys\n%ssys.setswitchinterval(0.005))"),
    cleared("state.thread_local", "%slocal.__dict__.clear())"),
    python(
        "state.warnings_filter",
        "spawn forkserver",
        "import warnings; warnings.simplefilter('error', BytesWarning)",
        "no > yes",
    ),
)
