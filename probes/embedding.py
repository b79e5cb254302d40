"""Do processes start where Python is not run as python: in a C program, through a loader, in a subinterpreter?"""

import os
import sys

from _probe import (
    LIMIT,
    Unavailable,
    asset,
    do_nothing,
    main,
    no,
    question,
    raise_if_unavailable,
    raise_unexpected,
    run_child,
    run_script,
    scratch,
    yes,
)
from _scripts import launch

EMBEDDING = "https://docs.python.org/3/extending/embedding.html"
SET_EXECUTABLE = "https://docs.python.org/3/library/multiprocessing.html#multiprocessing.set_executable"
LOADER = "https://man7.org/linux/man-pages/man8/ld.so.8.html"
EXECUTABLE = "https://docs.python.org/3/library/sys.html#sys.executable"
FORK = "https://docs.python.org/3/library/os.html#os.fork"

SCRIPT = "embedding_child.py"  # starts one child, which notes a line
DEAD_SERVER = ("ConnectionRefusedError", "BrokenPipeError", "EOFError", "ConnectionResetError", "FileNotFoundError")


def need_start(ctx):
    """Raise Unavailable where no child can be started, or no program."""
    seen = run_child(ctx, do_nothing)
    raise_if_unavailable(ctx, seen)
    if not seen.ok:
        raise_unexpected(ctx, seen)


class Command:
    """Lets run_script() start another program than this interpreter, within the block."""

    def __init__(self, program):
        self.program = program

    def __enter__(self):
        self.mine = sys.executable
        sys.executable = self.program

    def __exit__(self, *error):
        sys.executable = self.mine


def fields(script, lines):
    """What the script and its child said: {"executable": …, "exit": …, "child": …}; what is missing was not said."""
    said = {}
    for line in script.stdout.splitlines() + lines:
        name, _, rest = line.partition(" ")
        said[name] = rest
    return said


# --- a C program with an embedded Python


def compiled():
    """The path of a program with an embedded Python that a C compiler has made; Unavailable where there is none."""
    import shlex
    import subprocess
    import sysconfig

    if os.name == "nt" or sys.implementation.name != "cpython":
        raise Unavailable("no program with an embedded Python is compiled here")
    names = ("CC", "LIBDIR", "LIBPL", "LDVERSION", "LIBS", "SYSLIBS", "LINKFORSHARED")
    known = {name: sysconfig.get_config_var(name) or "" for name in names}
    header = os.path.join(sysconfig.get_path("include"), "Python.h")
    if not os.path.exists(header):
        raise Unavailable("Python's header files are not installed")
    program = scratch("host")
    command = shlex.split(known["CC"])[:1] + [asset("embedding_host.c"), "-w", "-o", program]
    command += ["-I" + os.path.dirname(header), "-L" + known["LIBDIR"], "-L" + known["LIBPL"]]
    command += ["-Wl,-rpath," + known["LIBDIR"], "-lpython" + known["LDVERSION"], "-lpthread", "-lutil"]
    command += shlex.split("%(LIBS)s %(SYSLIBS)s %(LINKFORSHARED)s" % known)
    try:
        made = subprocess.call(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0
    except OSError as error:
        raise Unavailable("there is no C compiler") from error
    if not made:
        raise Unavailable("no program with an embedded Python can be compiled here")
    return program


def embedded(ctx, cause, **environment):
    """Run the script in a C program; yes if its child ran, no if cause(what was said, script) says why not."""
    need_start(ctx)
    program = compiled()
    env = dict({"PATH": scratch("no-such-folder")}, **environment)
    try:
        with Command(program):
            script, lines = launch(ctx, SCRIPT, env=env, timeout=LIMIT)
    finally:
        os.remove(program)
    if script.status == 4 or "encodings" in script.stderr:
        raise Unavailable("an embedded Python does not find its library here")
    said = fields(script, lines)
    if "child" in said and said.get("exit") == "0" and script.status == 0:
        return yes()
    failed = said.get("exit", "0") != "0" or script.error.startswith(DEAD_SERVER)
    why = cause(said, script)
    if script.timed_out or "child" in said or not failed or not why:
        raise RuntimeError("status %r, said %r, printed %s" % (script.status, said, script.stderr[-500:]))
    return no(why)


def nameless(said, _):
    """Whether there was no interpreter that a child could be run by."""
    return said.get("executable") == "''" and "sys.executable is '', so that no interpreter can be started"


def restarted(_, script):
    """Whether the program itself was started as a child's interpreter."""
    return "host: no script -" in script.stderr and "the C program itself is started, with an interpreter's options"


WHY = "An application with Python inside has a main program of its own, which is no interpreter."


@question(
    "Can a C program that embeds Python start a child, if it sets no program name and no python3 is in its PATH?",
    why=WHY + " sys.executable is then empty. If a python3 is in the PATH, sys.executable names that, whichever it is.",
    do="Call multiprocessing.set_executable(path of the right python) first, or use fork.",
    source=EMBEDDING,
    asked=("multiprocessing in embedded Python", "embedded Python sys.executable is empty multiprocessing"),
)
def without_name(ctx):
    return embedded(ctx, nameless)


@question(
    "Can a C program that embeds Python start a child, if it sets its own path as the program name?",
    why=WHY + " sys.executable is then the application, which is started like an interpreter, with -c and code to run.",
    do="Call multiprocessing.set_executable(path of python) first, or let the application understand -c.",
    source=EMBEDDING,
    asked=(
        "embedded Python multiprocessing starts the application again",
        "multiprocessing opens a new window of my application",
        "multiprocessing in Blender or Maya opens another instance",
    ),
)
def with_own_name(ctx):
    return embedded(ctx, restarted, CANIFORK_NAMED="1")


@question(
    "Can a C program that embeds Python start a child after multiprocessing.set_executable(path of python)?",
    why=WHY + " Its children are then interpreters, which import what they need from the usual places.",
    do="Nothing if yes; else use fork.",
    source=SET_EXECUTABLE,
    documented={"*": "yes"},
    asked=("multiprocessing.set_executable embedded Python",),
)
def with_executable(ctx):
    return embedded(ctx, nameless, CANIFORK_EXECUTABLE=sys.executable)


# --- Python under another command line


def elf_loader(path):
    """The dynamic loader that an ELF program names (PT_INTERP); None if it names none or is no such program."""
    import struct

    with open(path, "rb") as file:
        head = file.read(64)
        if head[:4] != b"\x7fELF" or len(head) < 64:
            return None
        wide, order = head[4] == 2, "<" if head[5] == 1 else ">"
        start = struct.unpack_from(order + ("Q" if wide else "I"), head, 32 if wide else 28)[0]
        size, count = struct.unpack_from(order + "HH", head, 54 if wide else 42)
        for number in range(count):
            file.seek(start + number * size)
            entry = file.read(size)
            if struct.unpack_from(order + "I", entry)[0] != 3:
                continue
            offset, length = struct.unpack_from(order + ("8xQ16xQ" if wide else "4xI8xI"), entry)
            file.seek(offset)
            return file.read(length).rstrip(b"\0").decode()
    return None


def by_loader(ctx):
    """What the script and its child say if the dynamic loader is given the interpreter; and the loader."""
    need_start(ctx)
    loader = elf_loader(sys.executable) if sys.platform == "linux" else None
    if not loader or not os.path.exists("/proc/self/exe"):
        raise Unavailable("this interpreter is not a program with a dynamic loader (ELF), or there is no /proc")
    with Command(loader):
        script, lines = launch(ctx, SCRIPT, flags=[os.path.realpath(TRUE_EXECUTABLE)], timeout=LIMIT)
    if "executable" not in fields(script, []) and script.status != 0:
        raise Unavailable("the loader does not run this interpreter")
    return script, lines, os.path.realpath(loader)


TRUE_EXECUTABLE = sys.executable


@question(
    "Can a script start a child if Python was started through the dynamic loader (ld-linux-x86-64.so.2 python script)?",
    why="Programs that bring their own C library are started so, and some build systems' wrappers do it.",
    do="Nothing if yes; else call multiprocessing.set_executable() with the wrapper.",
    source=LOADER,
    asked=("multiprocessing ld-linux-x86-64.so.2 python", "python run with ld.so spawn"),
)
def through_loader(ctx):
    script, lines, _ = by_loader(ctx)
    said = fields(script, lines)
    if "child" in said and said.get("exit") == "0" and script.status == 0:
        return yes()
    if said.get("exit", "0") not in ("0", "1") or script.error.startswith(DEAD_SERVER):
        return no("the child's interpreter does not start")
    raise RuntimeError("status %r, said %r, printed %s" % (script.status, said, script.stderr[-500:]))


@question(
    "If Python was started through a dynamic loader (ld.so python script), are its children run through it too?",
    why="Where a program brings its own C library, children that are started by the interpreter's path alone get the "
    "loader that the interpreter names, which is another one, or none.",
    do="If no, call multiprocessing.set_executable() with a wrapper that runs the loader.",
    source=LOADER,
    wanted="either",
    asked=("multiprocessing child uses the wrong libc", "GLIBC not found in child process"),
)
def same_loader(ctx):
    script, lines, loader = by_loader(ctx)
    said = fields(script, lines)
    if not said.get("child") or script.status != 0:
        raise RuntimeError("status %r, said %r, printed %s" % (script.status, said, script.stderr[-500:]))
    return yes() if said["child"] == loader else no("it is run by the interpreter's path")


AS_ANOTHER = "import os, sys; os.execv(sys.executable, ['my-program'] + sys.argv[1:])"


@question(
    "Can a script start a child if its interpreter was started under another name (argv[0]) that is not in the PATH?",
    why="Supervisors, exec -a and login shells set argv[0]; Python finds sys.executable by it.",
    do="If no, call multiprocessing.set_executable() with the path of the interpreter.",
    source=EXECUTABLE,
    asked=(
        "sys.executable is empty multiprocessing",
        "exec -a python multiprocessing",
        "PermissionError: [Errno 13] ''",
    ),
)
def under_other_name(ctx):
    if os.name == "nt":
        raise Unavailable("there, os.execv() starts another process")
    need_start(ctx)
    env = {"PATH": scratch("no-such-folder")}
    script, lines = launch(ctx, asset(SCRIPT), flags=["-c", AS_ANOTHER], env=env, timeout=LIMIT)
    if "encodings" in script.stderr:
        raise Unavailable("a Python under another name does not find its library here")
    said = fields(script, lines)
    if "child" in said and said.get("exit") == "0" and script.status == 0:
        return yes()
    why = nameless(said, script)
    if script.timed_out or "child" in said or not why:
        raise RuntimeError("status %r, said %r, printed %s" % (script.status, said, script.stderr[-500:]))
    return no(why)


# --- subinterpreters


def used(ctx, kind, use):
    """Answer what becomes of a use of multiprocessing in a subinterpreter: yes, or no with what it raised."""
    need_start(ctx)
    folder = scratch("made")
    script = run_script(
        "embedding_interpreters.py", kind, use, ctx.get_start_method(), folder, timeout=LIMIT, env={"TMPDIR": scratch()}
    )
    told = [line for line in script.stdout.splitlines() if line.startswith(("told ", "unavailable: "))]
    if len(told) != 1 or script.timed_out:
        raise RuntimeError("status %r, %r, printed %s" % (script.status, script.stdout[-300:], script.stderr[-500:]))
    said = told[0].partition(" ")[2]
    if told[0].startswith("unavailable"):
        raise Unavailable(said)
    if said == "done":
        return yes()
    fatal = [line for line in script.stderr.splitlines() if line.startswith("Fatal Python error")]
    if fatal and said.startswith(("exit code", "its workers die")):
        return no(fatal[0].strip(), told=said)
    if said.startswith("RuntimeError"):
        return no(said)
    raise RuntimeError("%s, printed %s" % (said, script.stderr[-500:]))


LEGACY = (
    "mod_wsgi and other applications in C run code in legacy subinterpreters (Py_NewInterpreter), which share the "
    "main interpreter's state. "
)
IN_MAIN = "Start processes from the main interpreter, or use spawn or forkserver."
CRASH = "Fatal Python error: _PyInterpreterState_DeleteExceptMain: not main interpreter"


@question(
    "Can a process be started from a legacy subinterpreter?",
    why=LEGACY + "A forked child goes on in a subinterpreter, which Python does not allow.",
    do=IN_MAIN,
    source=FORK,
    documented={"fork": "no"},
    asked=("multiprocessing in mod_wsgi", CRASH, "RuntimeError: fork not supported for subinterpreters"),
)
def process_in_legacy(ctx):
    return used(ctx, "legacy", "process")


@question(
    "Can a Pool run a task if it is made in a legacy subinterpreter?",
    why=LEGACY + "If each worker that is forked dies, the Pool forks another one, without end, and no result comes.",
    do=IN_MAIN,
    source=FORK,
    documented={"fork": "no"},
    asked=("multiprocessing.Pool hangs in mod_wsgi", CRASH),
)
def pool_in_legacy(ctx):
    return used(ctx, "legacy", "pool")


ISOLATED = (
    "InterpreterPoolExecutor and concurrent.interpreters run code in isolated subinterpreters, which cannot fork, and "
    "cannot have daemon threads from Python 3.12 on. "
)
DAEMONS = "RuntimeError: daemon threads are disabled in this (sub)interpreter"


@question(
    "Can a Pool run a task if it is made in an isolated subinterpreter?",
    why="InterpreterPoolExecutor and concurrent.interpreters run code in isolated subinterpreters. These cannot fork; "
    "before Python 3.12 they cannot start programs either, and from then on they cannot have daemon threads. A Pool "
    "has three such threads.",
    do="Make the Pool in the main interpreter.",
    source=FORK,
    documented={"fork": "no"},
    asked=(DAEMONS, "multiprocessing.Pool in InterpreterPoolExecutor"),
)
def pool_in_isolated(ctx):
    return used(ctx, "isolated", "pool")


@question(
    "Can a ProcessPoolExecutor run a task if it is made in an isolated subinterpreter?",
    why=ISOLATED + "The queue of its tasks has such a thread.",
    do="Make the executor in the main interpreter.",
    source=FORK,
    documented={"fork": "no"},
    asked=(DAEMONS, "ProcessPoolExecutor in a subinterpreter BrokenProcessPool"),
)
def executor_in_isolated(ctx):
    return used(ctx, "isolated", "executor")


@question(
    "Can a Manager be made and used in an isolated subinterpreter?",
    why=ISOLATED + "A Manager's threads are in its own process.",
    do="Nothing if yes; else make the Manager in the main interpreter.",
    source=FORK,
    documented={"fork": "no"},
    asked=("multiprocessing.Manager in a subinterpreter",),
)
def manager_in_isolated(ctx):
    return used(ctx, "isolated", "manager")


if __name__ == "__main__":
    main()
