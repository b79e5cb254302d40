"""Which start method is used when nobody names one, and what fixes it?"""

import sys

from _probe import describe, main, method_of, no, origin, passing, question, run_child, unavailable, value, yes
from _tasks import own_method

METHODS_DOC = "https://docs.python.org/3/library/multiprocessing.html#contexts-and-start-methods"
GET_DOC = "https://docs.python.org/3/library/multiprocessing.html#multiprocessing.get_start_method"
CONTEXT_DOC = "https://docs.python.org/3/library/multiprocessing.html#multiprocessing.get_context"
EXECUTOR_DOC = "https://docs.python.org/3/library/concurrent.futures.html#processpoolexecutor"
DEFAULT = {
    'sys_platform == "win32" or sys_platform == "darwin"': "spawn",
    'python_version < "3.14"': "fork",
    'sys_platform != "emscripten" and sys_platform != "wasi"': "forkserver",
}


@question(
    "What is the default start method?",
    why="The same program has the parent's memory in its children under one default, and not under another.",
    do="Do not rely on it: name the method with get_context(name) or set_start_method(name).",
    source=METHODS_DOC,
    documented=DEFAULT,
    methods=(),
    asked=(
        "Is fork or spawn the default in multiprocessing?",
        "multiprocessing default start method Python 3.14 forkserver",
        "Which start method does macOS use?",
    ),
)
def start_method():
    import multiprocessing

    return value(multiprocessing.get_start_method())


@question(
    "Is the start method unset when a program begins?",
    why="set_start_method() without force=True works only while no method has been chosen.",
    do="Call get_start_method(allow_none=True): None means that nobody has chosen yet.",
    source=GET_DOC,
    documented={"*": "yes"},
    methods=(),
    asked=("get_start_method(allow_none=True) returns None",),
    wanted="either",
)
def unset():
    name = own_method()
    return yes() if name is None else no("it is %s" % name)


@question(
    "Which start method is the default where no temporary folder is usable (simulated)?",
    why="The fork server needs a socket file, so forkserver as the default fails in read-only containers. Simulated: "
    "tempfile.gettempdir() raises.",
    do="Mount a writable /tmp or set TMPDIR; with Python 3.14.0 to 3.14.8 choose spawn yourself.",
    source="https://docs.python.org/3.14/whatsnew/changelog.html#python-3-14-9-final",
    documented={
        'python_full_version >= "3.15.1"': "spawn",
        'python_version == "3.14" and python_full_version >= "3.14.9"': "spawn",
        'sys_platform == "linux" and python_version >= "3.14"': "forkserver",
    },
    methods=(),
    asked=("FileNotFoundError: [Errno 2] No usable temporary directory found", "read-only container forkserver"),
)
def without_tempdir():
    import multiprocessing
    import tempfile

    def nowhere():
        raise FileNotFoundError(2, "No usable temporary directory found")

    usable = tempfile.gettempdir
    tempfile.gettempdir = nowhere
    try:
        return value(multiprocessing.get_start_method())
    finally:
        tempfile.gettempdir = usable


@question(
    "Which class of context does get_context() return without a name?",
    why="The class shows which method a library uses if it was given no context. The call also fixes the method for "
    "the whole program.",
    do="Pass get_context(name) to libraries instead of letting them call get_context().",
    source=CONTEXT_DOC,
    methods=(),
)
def context_type():
    import multiprocessing

    return value(type(multiprocessing.get_context()).__name__)


def _method_of_worker(start):
    """The method that has started a worker, judged by its origin(), or unavailable if there can be no worker here."""
    try:
        return value(method_of(start()))
    except (ImportError, OSError, NotImplementedError) as error:
        if passing(error):
            raise
        return unavailable(describe(error))


@question(
    "Which start method does a plain multiprocessing.Process use?",
    why="get_start_method() only names a method; the child shows which one was used.",
    do="Use ctx.Process of a context if the method matters.",
    source=METHODS_DOC,
    documented=DEFAULT,
    methods=(),
    asked=("Does multiprocessing.Process fork or spawn?",),
)
def process():
    import multiprocessing

    seen = run_child(multiprocessing, origin)
    if _cannot_start(seen):
        return unavailable(seen.error)
    if not seen.ok:
        raise RuntimeError(seen.why_not())
    return value(method_of(seen.returned))


def _cannot_start(seen):
    """Whether no process can be started here at all."""
    return (
        seen.stage == "start"
        and isinstance(seen.exception, (ImportError, OSError, NotImplementedError))
        and not passing(seen.exception)
    )


@question(
    "Which start method do the workers of a plain Pool use?",
    why="Tasks see the parent's globals under fork, and not under the other methods.",
    do="Write get_context(name).Pool() if the method matters.",
    source=METHODS_DOC,
    documented=DEFAULT,
    methods=(),
    asked=("Does multiprocessing.Pool fork?",),
)
def pool():
    import multiprocessing

    def start():
        with multiprocessing.Pool(1) as workers:
            return workers.apply(origin)

    return _method_of_worker(start)


@question(
    "Which start method do the workers of a plain ProcessPoolExecutor use?",
    why="Python 3.14 changed it on Linux, and with it what workers inherit.",
    do="Pass mp_context=multiprocessing.get_context(name).",
    source=EXECUTOR_DOC,
    documented=DEFAULT,
    methods=(),
    asked=("Does ProcessPoolExecutor use fork or spawn?", "ProcessPoolExecutor Python 3.14 forkserver"),
)
def executor():
    def start():
        from concurrent.futures import ProcessPoolExecutor

        with ProcessPoolExecutor(1) as workers:
            return workers.submit(origin).result()

    return _method_of_worker(start)


@question(
    "Which start method does ProcessPoolExecutor(max_tasks_per_child=1) use without mp_context?",
    why="Replacing workers is not allowed with fork, so the executor may silently use another method.",
    do="Pass mp_context as well if the method matters.",
    source=EXECUTOR_DOC,
    documented={'python_version >= "3.11"': "spawn"},
    methods=(),
    asked=("max_tasks_per_child is incompatible with the 'fork' multiprocessing start method",),
)
def executor_max_tasks():
    def start():
        from concurrent.futures import ProcessPoolExecutor

        with ProcessPoolExecutor(1, max_tasks_per_child=1) as workers:
            return workers.submit(origin).result()

    try:
        return _method_of_worker(start)
    except TypeError as error:
        return _before_3_11(error)


def _before_3_11(error):
    """Unavailable if a TypeError says that there is no such argument."""
    if "max_tasks_per_child" not in str(error):
        raise error
    return unavailable(describe(error))


@question(
    "Does ProcessPoolExecutor accept max_tasks_per_child=1 with this start method?",
    why="It is the cure for workers that leak memory, and is refused where new workers would be forked from a "
    "threaded parent.",
    do="Use a spawn or forkserver context with it, or multiprocessing.Pool(maxtasksperchild=…).",
    source=EXECUTOR_DOC,
    documented={'fork; python_version >= "3.11"': "no", 'python_version >= "3.11"': "yes"},
    asked=("ValueError: max_tasks_per_child is incompatible with the 'fork' multiprocessing start method",),
)
def max_tasks_per_child(ctx):
    from concurrent.futures import ProcessPoolExecutor

    try:
        workers = ProcessPoolExecutor(1, mp_context=ctx, max_tasks_per_child=1)
    except TypeError as error:
        return _before_3_11(error)
    except ValueError as error:
        return no(describe(error))
    with workers:
        name = method_of(workers.submit(origin).result())
    if name != ctx.get_start_method():
        raise RuntimeError("the worker came by %s" % name)
    return yes()


@question(
    "Does ProcessPoolExecutor use the method chosen with set_start_method()?",
    why="Executors inside libraries usually get no context: this is the way to reach them.",
    do="Call set_start_method(name) once under the main guard, before the library creates its executor.",
    source=EXECUTOR_DOC,
    documented={"*": "yes"},
    asked=("How do I change the start method of ProcessPoolExecutor?",),
)
def executor_follows(ctx):
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    multiprocessing.set_start_method(ctx.get_start_method())
    with ProcessPoolExecutor(1) as workers:
        try:
            name = method_of(workers.submit(origin).result())
        except AttributeError as error:  # PyPy 7.3.11: a half-merged change broke its executor
            if sys.implementation.name != "pypy":
                raise
            return unavailable(describe(error))
    return yes() if name == ctx.get_start_method() else no("the worker came by %s" % name)


@question(
    "Does multiprocessing.Pool use the method chosen with set_start_method()?",
    why="Most code calls multiprocessing.Pool() without a context.",
    do="Call set_start_method(name) once under the main guard, or write get_context(name).Pool().",
    source=METHODS_DOC,
    documented={"*": "yes"},
    asked=("How do I change the start method of multiprocessing.Pool?",),
)
def pool_follows(ctx):
    import multiprocessing

    multiprocessing.set_start_method(ctx.get_start_method())
    with multiprocessing.Pool(1) as workers:
        name = method_of(workers.apply(origin))
    return yes() if name == ctx.get_start_method() else no("the worker came by %s" % name)


@question(
    "What does get_start_method(allow_none=True) return in a child?",
    why="Workers that start workers use it, whatever the platform's default is.",
    do="Nothing: a child keeps the method it was started with. Name another with get_context(name).",
    source="https://github.com/python/cpython/blob/main/Lib/multiprocessing/process.py",
    asked=("get_start_method() in a child process",),
)
def child_method(ctx):
    seen = run_child(ctx, own_method)
    if not seen.ok:
        raise RuntimeError(seen.why_not())
    return value(seen.returned)


@question(
    "Can a lambda be a Process argument when no start method is chosen?",
    why="It worked on Linux until 3.13 and never on Windows; programs break when the default changes.",
    do="Use a module-level function, or get_context('fork') where fork exists.",
    source="https://docs.python.org/3/whatsnew/3.14.html#porting-to-python-3-14",
    documented={
        'sys_platform == "win32" or sys_platform == "darwin"': "no",
        'python_version < "3.14"': "yes",
        'sys_platform != "emscripten" and sys_platform != "wasi"': "no",
    },
    methods=(),
    asked=(
        "Can a lambda be passed to a Process when no start method is chosen?",
        "PicklingError: Can't pickle <function <lambda>>",
        "multiprocessing lambda fails since Python 3.14",
    ),
)
def lambda_target():
    import multiprocessing
    from pickle import PicklingError

    seen = run_child(multiprocessing, lambda: 42)
    if seen.ok and seen.returned == 42:
        return yes()
    if seen.stage == "start" and isinstance(seen.exception, (PicklingError, AttributeError)):
        return no(seen.error)
    if _cannot_start(seen):
        return unavailable(seen.error)
    raise RuntimeError(seen.why_not())


if __name__ == "__main__":
    main()
