"""What chooses the start method of a program, and what fixes the choice?"""

import os

from _probe import describe, main, method_of, no, origin, passing, question, run_child, unavailable, yes
from _tasks import own_method

CONTEXT_DOC = "https://docs.python.org/3/library/multiprocessing.html#multiprocessing.get_context"
SET_DOC = "https://docs.python.org/3/library/multiprocessing.html#multiprocessing.set_start_method"
GLOBAL_DOC = "https://docs.python.org/3/library/multiprocessing.html#global-start-method"
GET_DOC = "https://docs.python.org/3/library/multiprocessing.html#multiprocessing.get_start_method"
EXECUTOR_DOC = "https://docs.python.org/3/library/concurrent.futures.html#processpoolexecutor"
NEWS = "https://docs.python.org/%s/whatsnew/changelog.html#python-%s-final"
FIXES = "A set_start_method() that comes later then raises RuntimeError, often far away from the call that did it."
FIRST = "Call set_start_method() first, under the main guard, or use a context from get_context(name) throughout."
HARMLESS = "Nothing to do if the answer is no; else call set_start_method() before it."


def _refused(call, *args):
    """yes if the call raises ValueError."""
    try:
        result = call(*args)
    except ValueError as error:
        return yes(describe(error))
    return no("it returned %s" % type(result).__name__)


@question(
    "Does an unknown start method name raise ValueError?",
    why="A typo, or another platform's method, should fail where it is named, not later. Tested with "
    "get_context('nonsense') and set_start_method('nonsense').",
    do="Catch ValueError from get_context(name) if the name comes from a user or a configuration file.",
    source=CONTEXT_DOC,
    documented={"*": "yes"},
    methods=(),
    asked=("ValueError: cannot find context for 'threads'",),
)
def unknown_name():
    import multiprocessing

    asked = _refused(multiprocessing.get_context, "nonsense")
    put = _refused(multiprocessing.set_start_method, "nonsense")
    return asked if asked.outcome != "yes" else put


@question(
    "Does get_context('SPAWN') raise ValueError?",
    why="Names come from environment variables and settings, where people write SPAWN.",
    do="Convert the name to lower case first: get_context(name.lower()).",
    source=CONTEXT_DOC,
    methods=(),
    asked=("ValueError: cannot find context for 'SPAWN'",),
)
def wrong_case():
    import multiprocessing

    return _refused(multiprocessing.get_context, "SPAWN")


@question(
    "Does setting the same start method twice raise RuntimeError?",
    why="It happens when two libraries both set the method, and when a notebook cell is run twice.",
    do="Call set_start_method() once, under the main guard; in libraries use get_context(name) instead.",
    source=SET_DOC,
    documented={"*": "yes"},
    asked=("RuntimeError: context has already been set",),
    wanted="either",
)
def set_twice(ctx):
    import multiprocessing

    name = ctx.get_start_method()
    multiprocessing.set_start_method(name)
    try:
        multiprocessing.set_start_method(name)
    except RuntimeError as error:
        return yes(describe(error))
    return no("the second call raised nothing")


@question(
    "Does set_start_method(name, force=True) replace a method that is already set?",
    why="It is the usual answer to 'context has already been set'.",
    do="Use force=True only at the start of a program; queues and locks made earlier belong to the old method.",
    source=SET_DOC,
    documented={"*": "yes"},
    asked=("RuntimeError: context has already been set", "set_start_method force=True"),
)
def set_force(ctx):
    import multiprocessing

    name = ctx.get_start_method()
    others = [other for other in ("spawn", "fork") if other != name]
    if os.name == "nt":
        return unavailable("there is only one start method")
    multiprocessing.set_start_method(others[0])
    multiprocessing.set_start_method(name, force=True)
    seen = run_child(multiprocessing, origin)
    if not seen.ok:
        raise RuntimeError(seen.why_not())
    names = multiprocessing.get_start_method(), method_of(seen.returned)
    return yes() if names == (name, name) else no("the method is %s, and the child came by %s" % names)


@question(
    "Does set_start_method(None, force=True) unset the start method?",
    why="Test suites must undo what a test has set.",
    do="Call it in the teardown; the next process then uses the platform's default again.",
    source=SET_DOC,
    documented={'python_version >= "3.12"': "yes"},
    methods=(),
    asked=("How can I reset the multiprocessing start method?",),
)
def set_none():
    import multiprocessing

    multiprocessing.set_start_method("spawn")
    if multiprocessing.get_start_method(allow_none=True) != "spawn":
        raise RuntimeError("the method could not be set")
    multiprocessing.set_start_method(None, force=True)
    left = multiprocessing.get_start_method(allow_none=True)
    return yes() if left is None else no("the method is still %s" % left)


@question(
    "Does set_start_method() of a context raise ValueError?",
    why="A context is bound to one method; only the default of the module can be changed.",
    do="Ask get_context() for another context.",
    source="https://github.com/python/cpython/blob/main/Lib/multiprocessing/context.py",
    asked=("ValueError: cannot set start method of concrete context",),
    wanted="either",
)
def set_on_context(ctx):
    return _refused(ctx.set_start_method, "spawn")


def _fixes(act):
    """Whether set_start_method() is refused after act()."""
    import multiprocessing

    if multiprocessing.get_start_method(allow_none=True) is not None:
        raise RuntimeError("the start method was set before the question")
    try:
        made = act(multiprocessing)
    except (ImportError, OSError, NotImplementedError) as error:
        if passing(error):
            raise
        return unavailable(describe(error))
    try:
        multiprocessing.set_start_method("spawn")
    except RuntimeError as error:
        return yes(describe(error))
    del made
    return no("set_start_method() still works")


@question(
    "Does get_start_method() fix the start method?",
    why="To answer, it has to choose the default, and that choice is final. " + FIXES,
    do="Call it with allow_none=True, which changes nothing.",
    source=GET_DOC,
    documented={"*": "yes"},
    methods=(),
    asked=(
        "Does calling get_start_method() (without allow_none=True) or get_context()/Queue()/Lock() make "
        "a later set_start_method() raise?",
        "RuntimeError: context has already been set",
    ),
    wanted="either",
)
def fixed_by_asking():
    return _fixes(lambda mp: mp.get_start_method())


@question(
    "Does get_context() without a name fix the start method?",
    why="It returns the default context, which is thereby chosen for good. " + FIXES,
    do="Name a method: get_context('spawn') changes nothing for others.",
    source=CONTEXT_DOC,
    documented={"*": "yes"},
    methods=(),
    asked=("RuntimeError: context has already been set",),
    wanted="either",
)
def fixed_by_get_context():
    return _fixes(lambda mp: mp.get_context())


@question(
    "Does get_context('spawn') fix the start method?",
    why="Libraries are advised to use it because it should leave the program's choice alone.",
    do=HARMLESS,
    source=CONTEXT_DOC,
    documented={"*": "no"},
    methods=(),
    wanted="either",
)
def fixed_by_named_context():
    return _fixes(lambda mp: mp.get_context("spawn"))


@question(
    "Does multiprocessing.Lock() fix the start method?",
    why="A lock belongs to a start method, so that making one chooses the default for good. " + FIXES,
    do=FIRST,
    source=GLOBAL_DOC,
    documented={"*": "yes"},
    methods=(),
    asked=("RuntimeError: context has already been set",),
    wanted="either",
)
def fixed_by_lock():
    return _fixes(lambda mp: mp.Lock())


@question(
    "Does multiprocessing.Queue() fix the start method?",
    why="A queue has locks, which belong to a start method: making one chooses the default for good. " + FIXES,
    do=FIRST,
    source=GLOBAL_DOC,
    documented={"*": "yes"},
    methods=(),
    asked=("RuntimeError: context has already been set",),
    wanted="either",
)
def fixed_by_queue():
    return _fixes(lambda mp: mp.Queue())


@question(
    "Does multiprocessing.Value() fix the start method?",
    why="A Value has a lock, which belongs to a start method: making one chooses the default for good. " + FIXES,
    do=FIRST,
    source=GLOBAL_DOC,
    documented={"*": "yes"},
    methods=(),
    asked=("RuntimeError: context has already been set",),
    wanted="either",
)
def fixed_by_value():
    return _fixes(lambda mp: mp.Value("i", 0))


@question(
    "Does multiprocessing.Pipe() fix the start method?",
    why="Locks and queues choose the default start method for good; a pipe has no lock. " + FIXES,
    do=HARMLESS,
    source=GLOBAL_DOC,
    methods=(),
    wanted="either",
)
def fixed_by_pipe():
    return _fixes(lambda mp: [end.close() for end in mp.Pipe()])


@question(
    "Does creating a ProcessPoolExecutor fix the start method?",
    why="Without mp_context it takes the default context, which is thereby chosen for good. " + FIXES,
    do=FIRST,
    source=EXECUTOR_DOC,
    methods=(),
    asked=("RuntimeError: context has already been set",),
    wanted="either",
)
def fixed_by_executor():
    def act(mp):
        from concurrent.futures import ProcessPoolExecutor

        ProcessPoolExecutor(1).shutdown()

    return _fixes(act)


@question(
    "Does creating a Process without starting it fix the start method?",
    why="Locks, queues and executors choose the default start method for good. " + FIXES,
    do=HARMLESS,
    source=GLOBAL_DOC,
    methods=(),
    wanted="either",
)
def fixed_by_process():
    return _fixes(lambda mp: mp.Process(target=own_method))


@question(
    "Does multiprocessing.cpu_count() fix the start method?",
    why="Some functions of multiprocessing choose the default start method for good. " + FIXES,
    do=HARMLESS,
    source=GLOBAL_DOC,
    methods=(),
    wanted="either",
)
def fixed_by_cpu_count():
    return _fixes(lambda mp: mp.cpu_count())


@question(
    "Does get_all_start_methods() fix the start method?",
    why="Some functions of multiprocessing choose the default start method for good. " + FIXES,
    do=HARMLESS,
    source=GLOBAL_DOC,
    methods=(),
    wanted="either",
)
def fixed_by_listing():
    return _fixes(lambda mp: mp.get_all_start_methods())


@question(
    "Does freeze_support() fix the start method?",
    why="Programs built with PyInstaller call it first, before they choose their start method.",
    do="With Python 3.13.4 to 3.13.12 or 3.14.0 to 3.14.3, call set_start_method() before freeze_support().",
    source=NEWS % ("3.14", "3-14-4"),
    documented={
        'python_full_version >= "3.14.4"': "no",
        'python_version == "3.13" and python_full_version >= "3.13.13"': "no",
    },
    methods=(),
    asked=("RuntimeError: context has already been set after freeze_support()",),
    wanted="either",
)
def fixed_by_freeze_support():
    return _fixes(lambda mp: mp.freeze_support())


@question(
    "Does starting a Process of get_context(name) fix the start method?",
    why="A library that carefully uses its own context can still take the choice away from the program.",
    do="Call set_start_method() before any process starts, or update to 3.13.12, 3.14.3 or later.",
    source=NEWS % ("3.14", "3-14-3"),
    documented={
        'spawn; python_full_version >= "3.14.3"': "no",
        'spawn; python_version == "3.13" and python_full_version >= "3.13.12"': "no",
    },
    asked=("RuntimeError: context has already been set after get_context('spawn').Process().start()",),
    wanted="either",
)
def fixed_by_start(ctx):
    import multiprocessing

    seen = run_child(ctx, own_method)
    if not seen.ok:
        raise RuntimeError(seen.why_not())
    name = multiprocessing.get_start_method(allow_none=True)
    return no("the method is still unset") if name is None else yes("it is %s now" % name)


if __name__ == "__main__":
    main()
