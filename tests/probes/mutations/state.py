"""Alterations of what the probes of state observe."""

from tests.probes.mutation import LINUX, MP, POSIX, Mutation, child, python


def after_fork(probe: str, code: str, modules: str = "sys", only: str = POSIX) -> Mutation:
    """A Python that undoes something in each forked child."""
    start = f"import {modules}, os\nos.register_at_fork(after_in_child=lambda: {code})"
    return python(probe, "fork", start, "yes > no", only)


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
    after_fork("state.context_variable", "variable.set(None)"),
    after_fork("state.decimal_precision", "decimal.setcontext(decimal.Context(prec=28))", "decimal"),
    python(
        "state.event_loop",
        "fork spawn",
        MP + "import asyncio\nrun = p.BaseProcess.run\nasync def start(self):\n    run(self)\n"
        "p.BaseProcess.run = lambda self: asyncio.run(start(self))",
        "no > yes",
    ),
    after_fork("state.garbage_collector", "gc.enable()", "gc"),
    after_fork("state.locale_setting", "locale.setlocale(locale.LC_NUMERIC, 'C')", "locale", LINUX),
    after_fork(
        "state.logging_configuration",
        "(logging.root.handlers.clear(), logging.root.setLevel(logging.WARNING))",
        "logging",
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
    after_fork("state.switch_interval", "sys.setswitchinterval(0.005)", "sys"),
    after_fork("state.thread_local", "local.__dict__.clear()"),
    python(
        "state.warnings_filter",
        "spawn forkserver",
        "import warnings; warnings.simplefilter('error', BytesWarning)",
        "no > yes",
    ),
)
