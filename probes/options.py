"""Which interpreter options of the parent hold in a child?"""

import os
import sys

from _probe import asset, main, no, question, run_script, scratch, unavailable, yes

FLAGS_SOURCE = "https://github.com/python/cpython/blob/main/Lib/subprocess.py"
NEWS = "https://docs.python.org/3.14/whatsnew/changelog.html#python-3-14-4-final"


def _with_flags(ctx, flags, key, **env):
    """Whether an option of the parent is in force in the child."""
    import json

    changes = dict(env, CANIFORK_METHOD=ctx.get_start_method(), CANIFORK_REPORT=scratch("report"))
    script = run_script("options_told.py", flags=flags, env=changes)
    if script.status != 0:
        raise RuntimeError(script.stderr[-500:])
    os.remove(scratch("report"))
    sys.path.append(os.path.dirname(asset("")))
    import options_told

    mine, its = [found[key] for found in json.loads(script.stdout)]
    plain = options_told.options()[key]
    if mine == plain:
        return unavailable("this Python does not have the option")
    if its not in (mine, plain):
        raise RuntimeError("the child has %r, neither %r nor %r" % (its, mine, plain))
    return yes() if its == mine else no("the child has %r instead of %r" % (its, mine))


OPTION = "A child that is stricter or laxer than its parent fails, or passes, for no visible reason."
SAME = "Nothing if yes; else set the matching PYTHON… environment variable, which every child gets."


@question(
    "Is the option -O of the parent in effect in a child?",
    why=OPTION,
    do=SAME,
    source=FLAGS_SOURCE,
    documented={"*": "yes"},
    asked=(
        "Which interpreter options (-X utf8, -X dev, -X importtime, -X frozen_modules, -X faulthandler, "
        "-O, -B, -u, -I, -E, -W) are in force in the child under each method?",
        "Are interpreter flags passed to multiprocessing children?",
    ),
)
def optimize(ctx):
    import shutil

    env = {}
    if sys.implementation.name == "cpython":  # compile what is imported once, not once for each process
        env = {"PYTHONPYCACHEPREFIX": scratch("cache"), "PYTHONDONTWRITEBYTECODE": ""}
    try:
        return _with_flags(ctx, ["-O"], "optimize", **env)
    finally:
        shutil.rmtree(scratch("cache"), ignore_errors=True)


@question(
    "Is the option -W error::UserWarning of the parent in effect in a child?",
    why=OPTION + " A UserWarning must be raised as an exception; state.warnings_filter asks about filters that the "
    "program sets itself.",
    do=SAME,
    source=FLAGS_SOURCE,
    documented={"*": "yes"},
    asked=("-W error in multiprocessing child", "PYTHONWARNINGS"),
)
def warning_filter(ctx):
    return _with_flags(ctx, ["-W", "error::UserWarning"], "user_warning")


@question(
    "Is the option -X dev of the parent in effect in a child?",
    why=OPTION,
    do=SAME,
    source=FLAGS_SOURCE,
    documented={"*": "yes"},
    asked=("development mode in child process",),
)
def development(ctx):
    return _with_flags(ctx, ["-X", "dev"], "dev_mode")


@question(
    "Is the option -X utf8=… of the parent in effect in a child?",
    why="Without it a child may use another encoding for files than its parent.",
    do=SAME,
    source=FLAGS_SOURCE,
    documented={"*": "yes"},
    asked=("UTF-8 mode in child process", "UnicodeDecodeError only in multiprocessing children"),
)
def utf8(ctx):
    # where it is on by itself (C locale, 3.15), switch it off and look whether that arrives
    return _with_flags(ctx, ["-X", "utf8=%d" % (not sys.flags.utf8_mode)], "utf8_mode")


@question(
    "Is the option -X int_max_str_digits of the parent in effect in a child?",
    why="This and other -X options used not to be passed on to a new interpreter.",
    do="Set PYTHONINTMAXSTRDIGITS instead, or use Python 3.13.16, 3.14.4 or later.",
    source=NEWS,
    documented={
        'python_full_version >= "3.14.4"': "yes",
        'python_version == "3.13" and python_full_version >= "3.13.16"': "yes",
    },
    asked=("ValueError: Exceeds the limit (4300 digits) for integer string conversion",),
)
def integer_digits(ctx):
    return _with_flags(ctx, ["-X", "int_max_str_digits=5000"], "digits")


@question(
    "Is the option -I (isolated mode) of the parent in effect in a child?",
    why="Isolated mode ignores PYTHON… variables, the script's folder and user site-packages; a child without "
    "it may import other modules.",
    do="Nothing if yes; otherwise use fork.",
    source=FLAGS_SOURCE,
    documented={"*": "yes"},
    asked=("python -I multiprocessing",),
)
def isolated(ctx):
    return _with_flags(ctx, ["-I"], "isolated")


@question(
    "Is the option -E of the parent in effect in a child?",
    why="A child without it obeys PYTHON… environment variables that its parent ignores.",
    do="Nothing if yes; otherwise use fork.",
    source=FLAGS_SOURCE,
    documented={"*": "yes"},
    asked=("python -E multiprocessing", "PYTHONPATH ignored in parent but not in child"),
)
def environment_ignored(ctx):
    return _with_flags(ctx, ["-E"], "ignore_environment")


@question(
    "Is the option -P of the parent in effect in a child?",
    why="Without the safe path a child may import a module from the script's folder where its parent does not.",
    do=SAME,
    source=FLAGS_SOURCE,
    documented={"*": "yes"},
    asked=("PYTHONSAFEPATH multiprocessing", "safe_path in child process"),
)
def safe_path(ctx):
    if not hasattr(sys.flags, "safe_path"):
        return unavailable("this Python does not have the option")
    return _with_flags(ctx, ["-P"], "safe_path")


@question(
    "Is the option -u of the parent in effect in a child?",
    why="Without it, what a child prints to a file or a pipe appears when it ends, and is lost if it is killed.",
    do="Set PYTHONUNBUFFERED=1 before the program starts, which children inherit, or use print(…, flush=True).",
    source="https://docs.python.org/3/library/multiprocessing.html#contexts-and-start-methods",
    documented={"fork": "yes"},
    asked=("python -u multiprocessing child output buffered", "print in a child process does not show up"),
)
def unbuffered(ctx):
    return _with_flags(ctx, ["-u"], "unbuffered")


@question(
    "Is the option -X gil=1 of the parent in effect in a child?",
    why="A free-threaded Python can run with the global interpreter lock, for modules that need it.",
    do="Set PYTHON_GIL before the program starts: children inherit it.",
    source=FLAGS_SOURCE,
    documented={"*": "yes"},
    asked=("PYTHON_GIL multiprocessing", "free-threaded Python GIL enabled in child process"),
)
def gil(ctx):
    return _with_flags(ctx, ["-X", "gil=1"], "gil")


if __name__ == "__main__":
    main()
