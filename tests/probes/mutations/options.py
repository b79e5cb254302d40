"""Alterations of what the probes of options observe."""

from tests.probes.mutation import OLD, POSIX, Mutation, child

TOLD = "assets/options_told.py"
FREE_THREADED = POSIX + ' and python_version >= "3.13"'


def told(probe: str, method: str, code: str, answers: str, only: str = POSIX, *, refusable: bool = False) -> Mutation:
    """Python is another one in the script that is launched, and in its child."""
    start = "import multiprocessing\n"
    return child(probe, method, start, start + code + "\n", answers, only, file=TOLD, refusable=refusable)


NO_FLAGS = "import multiprocessing.util as u; u._args_from_interpreter_flags = list"
WITH_OPTION = "import sys; sys._is_gil_enabled = lambda: 'gil' in sys._xoptions"
"""A Python that has the option -X gil."""

MUTATIONS = (
    child(
        "options.unbuffered",
        "spawn",
        'getattr(sys.stdout, "write_through", False)',
        "True",
        "no > unavailable",
        file=TOLD,
    ),
    *(
        told("options." + option, "spawn forkserver", NO_FLAGS, "yes > no")
        for option in (
            "development",
            "environment_ignored",
            "isolated",
            "optimize",
            "safe_path",
            "utf8",
            "warning_filter",
        )
    ),
    child(
        "options.warning_filter",
        "fork spawn",
        "    with open(path",
        "    warnings.resetwarnings()\n    with open(path",  # sys.warnoptions still has it
        "yes > no",
        file=TOLD,
    ),
    told("options.gil", "spawn", NO_FLAGS, "yes > no", FREE_THREADED, refusable=True),
    told("options.gil", "fork", WITH_OPTION, "unavailable > yes", OLD),
    told("options.gil", "spawn", WITH_OPTION, "unavailable > no", OLD),
    child(
        "options.integer_digits",
        "fork",
        "    with open(path",
        "    sys.set_int_max_str_digits(sys.int_info.default_max_str_digits)\n    with open(path",
        "yes > no",
        file=TOLD,
    ),
    told(
        "options.integer_digits",
        "spawn forkserver",
        NO_FLAGS.replace("list", "lambda: ['-X', 'int_max_str_digits=5000']"),
        "no > yes",
        OLD,
    ),
)
