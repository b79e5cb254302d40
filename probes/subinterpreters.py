"""Can processes be started from subinterpreters, and what becomes of subinterpreters in children?"""

import os
import sys

from _probe import LIMIT, Unavailable, describe, main, no, question, run_child, scratch, yes

FORK = "https://docs.python.org/3/library/os.html#os.fork"
INTERPRETERS = "https://docs.python.org/3/library/concurrent.interpreters.html"
WHY = "Web servers such as mod_wsgi, and InterpreterPoolExecutor, run code in subinterpreters."


def interpreters():
    """The module that makes subinterpreters, whatever it is called here."""
    for name in ("_interpreters", "_xxsubinterpreters"):
        try:
            return __import__(name)
        except ImportError:
            continue
    raise Unavailable("there are no subinterpreters here")


def run_in_new(code):
    """Run code in a new subinterpreter; the text that it writes to the file `path`."""
    module, path = interpreters(), scratch("told")
    code = "path = %r\nimport sys\nsys.path[:] = %r\n" % (path, sys.path) + code
    try:
        number = module.create()
    except RuntimeError as error:
        raise Unavailable(describe(error)) from error
    try:
        failed = module.run_string(number, code)
    except Exception as error:  # older modules raise what the code raised
        failed = describe(error)
    module.destroy(number)
    if not os.path.exists(path):
        raise RuntimeError("it told nothing: %r" % (failed,))
    with open(path) as file:
        told = file.read()
    os.remove(path)
    return told


TELL = """
def tell(text):
    with open(path, "w") as file:
        file.write(text)
"""

START = (
    TELL
    + """
try:
    import multiprocessing, os
    folder = path + "-child"
    process = multiprocessing.get_context({method!r}).Process(target=os.mkdir, args=(folder,))
    process.start()
    process.join()
    tell("made" if os.path.isdir(folder) else "exit code %r" % process.exitcode)
    if os.path.isdir(folder):
        os.rmdir(folder)
except Exception as error:
    tell("%s: %s" % (type(error).__name__, error))
"""
)


@question(
    "Can a process be started from an isolated subinterpreter?",
    why=WHY + " Those of the module _interpreters are tested, which are isolated since Python 3.9; mod_wsgi's are not.",
    do="Start processes from the main interpreter, or use spawn or forkserver from Python 3.12 on.",
    source="https://docs.python.org/3/library/os.html#os.fork",
    documented={"fork": "no"},
    asked=(
        "RuntimeError: fork not supported for isolated subinterpreters",
        "RuntimeError: subprocess not supported for isolated subinterpreters",
        "multiprocessing in subinterpreter",
    ),
)
def start(ctx):
    told = run_in_new(START.format(method=ctx.get_start_method()))
    if told == "made":
        return yes()
    if told.startswith(("RuntimeError", "ImportError", "AttributeError", "AssertionError", "OSError", "ValueError")):
        return no(told)
    raise RuntimeError(told)


@question(
    "Can os.fork() be called in an isolated subinterpreter?",
    why=WHY
    + " Those of the module _interpreters are tested, which are isolated since Python 3.9; mod_wsgi's are not. A"
    " fork copies all interpreters, and would go on in one that is not the main one.",
    do="Fork in the main interpreter only.",
    source=FORK,
    documented={'sys_platform == "win32"': "unavailable"},
    methods=(),
    asked=("RuntimeError: fork not supported for subinterpreters", "RuntimeError: not in main interpreter fork"),
)
def fork():
    if not hasattr(os, "fork"):
        raise Unavailable("there is no os.fork()")
    code = TELL + (
        "import os\n"
        "try:\n"
        "    pid = os.fork()\n"
        "    if not pid:\n"
        "        os._exit(7)\n"
        "    tell('status %d' % os.waitpid(pid, 0)[1])\n"
        "except Exception as error:\n"
        "    tell('%s: %s' % (type(error).__name__, error))\n"
    )
    told = run_in_new(code)
    if told == "status 1792":
        return yes()
    if told.startswith("RuntimeError"):
        return no(told)
    if told.startswith("OSError"):
        raise Unavailable(told)
    raise RuntimeError(told)


@question(
    "Can subprocess start a program from an isolated subinterpreter?",
    why=WHY + " Those of the module _interpreters are tested, which are isolated since Python 3.9; mod_wsgi's are not.",
    do="Nothing if yes; otherwise start it from the main interpreter.",
    source="https://docs.python.org/3/library/subprocess.html",
    methods=(),
    asked=("RuntimeError: preexec_fn not supported within subinterpreters",),
)
def program():
    code = TELL + (
        "import subprocess, sys\n"
        "try:\n"
        "    tell('status %d' % subprocess.call([sys.executable, '-c', 'import sys; sys.exit(7)']))\n"
        "except Exception as error:\n"
        "    tell('%s: %s' % (type(error).__name__, error))\n"
    )
    told = run_in_new(code)
    if told == "status 7":
        return yes()
    if told.startswith(("RuntimeError", "ImportError")):
        return no(told)
    if told.startswith("OSError"):
        raise Unavailable(told)
    raise RuntimeError(told)


@question(
    "Can a multiprocessing.Lock be made in an isolated subinterpreter?",
    why=WHY + " Those of the module _interpreters are tested, which are isolated since Python 3.9; mod_wsgi's are not."
    " Modules written in C must declare that they can be used there.",
    do="Make it in the main interpreter.",
    source=INTERPRETERS,
    asked=("ImportError: module _multiprocessing does not support loading in subinterpreters",),
)
def lock(ctx):
    code = TELL + (
        "try:\n"
        "    import multiprocessing\n"
        "    lock = multiprocessing.get_context(%r).Lock()\n"
        "    tell('%%s %%s' %% (lock.acquire(), lock.acquire(timeout=0.01)))\n"
        "except Exception as error:\n"
        "    tell('%%s: %%s' %% (type(error).__name__, error))\n" % ctx.get_start_method()
    )
    told = run_in_new(code)
    if told == "True False":
        return yes()
    if told.startswith(("ImportError", "RuntimeError", "AttributeError")):
        return no(told)
    raise RuntimeError(told)


def there(_=None):
    """Something that shows that the child runs."""
    return 42


@question(
    "Can a process be started while the program has an idle subinterpreter?",
    why="A forked child has the memory of all interpreters, and Python must remove those that nobody runs there. The "
    "subinterpreter is one of the module _interpreters, and nothing was run in it.",
    do="Start processes before you make subinterpreters, or use spawn or forkserver.",
    source=FORK,
    asked=("fork with subinterpreters", "child process crashes with InterpreterPoolExecutor"),
)
def after_start(ctx):
    module = interpreters()
    try:
        number = module.create()
    except RuntimeError as error:
        raise Unavailable(describe(error)) from error
    try:
        fork = ctx.get_start_method() == "fork"  # a forked child that hangs has not begun: nothing else shows it
        seen = run_child(ctx, there, timeout=0.15 * LIMIT if fork else LIMIT)
    finally:
        module.destroy(number)
    if seen.ok and seen.returned == 42:
        return yes()
    if seen.stage == "child" and seen.exitcode is not None and seen.exitcode < 0:
        return no("the child ended with exit code %d before it ran its target" % seen.exitcode)
    if seen.stage == "hung" and fork:
        return no("the child did not run its target within 3 s, and had to be killed")
    raise RuntimeError(seen.why_not())


if __name__ == "__main__":
    main()
