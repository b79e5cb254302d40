"""What happens when a Process object is used at the wrong time, or in the wrong way?"""

import os

from _probe import LIMIT, describe, main, no, question, run_child, scratch, unavailable, value, yes

REFERENCE = "https://docs.python.org/3/library/multiprocessing.html#multiprocessing."


def raised_by(function, *args):
    """Answer yes with how the call was refused, no if it raised nothing."""
    try:
        function(*args)
    except (AssertionError, AttributeError, TypeError, ValueError) as error:
        return yes(describe(error))
    return no("nothing was raised")


def plain():
    """A process of the default context that was not started."""
    import multiprocessing

    return multiprocessing.Process(target=int)


class Held:
    """A child that runs until the block ends."""

    def __init__(self, ctx):
        self.reader, self.writer = ctx.Pipe(duplex=False)
        self.process = ctx.Process(target=wait_for, args=(self.reader,))

    def __enter__(self):
        self.process.start()
        return self.process

    def __exit__(self, *error):
        self.writer.send("end")
        self.process.join()
        self.reader.close()
        self.writer.close()


def wait_for(connection):
    """The target of Held."""
    connection.recv()


@question(
    "Does Process.join() raise before start()?",
    why="There is nothing to wait for yet; the error reveals a forgotten start().",
    do="Call start() first.",
    source=REFERENCE + "Process.join",
    documented={"*": "yes"},
    methods=(),
    asked=("AssertionError: can only join a started process",),
)
def join_before_start():
    return raised_by(plain().join)


@question(
    "Does Process.terminate() raise before start()?",
    why="Clean-up code that terminates a list of processes stops at the first that was never started.",
    do="Check process.pid is not None before you end it.",
    source=REFERENCE + "Process.terminate",
    methods=(),
    asked=("AttributeError: 'NoneType' object has no attribute 'terminate'",),
)
def terminate_before_start():
    return raised_by(plain().terminate)


@question(
    "What is process.exitcode before start()?",
    why="None means both 'not started yet' and 'still running'.",
    do="Tell the two apart by process.pid, which is None before start().",
    source=REFERENCE + "Process.exitcode",
    documented={"*": "None"},
    methods=(),
    asked=("exitcode is None",),
)
def exit_code_before_start():
    process = plain()
    return value(str(process.exitcode), "pid %s, alive %s" % (process.pid, process.is_alive()))


@question(
    "Does Process.run() run the target in a new process?",
    why="run() is an ordinary call: it runs the target in the calling process.",
    do="Call start(), which starts a process that calls run(). Start all processes first, then join() them, in any "
    "order: start() and join() in one loop let them run one after the other.",
    source=REFERENCE + "Process.run",
    documented={"*": "no"},
    methods=(),
    asked=(
        "multiprocessing process has the same pid as the parent",
        "difference between Process.run and Process.start",
    ),
)
def run_for_start():
    import multiprocessing

    path = scratch("ran")
    process = multiprocessing.Process(target=note_process, args=(path,))
    process.run()
    if process.pid is not None:
        process.join()
    ran = pids_in(path)
    if len(ran) != 1:
        raise RuntimeError("the target ran %d times" % len(ran))
    return no("the target ran in the process that called run()") if ran == [os.getpid()] else yes()


def pids_in(path):
    """What note_process() has written; the file is removed."""
    with open(path) as file:
        found = [int(line) for line in file]
    os.remove(path)
    return found


@question(
    "Does Process(target=f()) run f in a new process?",
    why="f() is called before the Process is made: that is how Python evaluates arguments. Its result, often None, "
    "becomes the target, and the child does nothing.",
    do="Write target=f and put its arguments into args.",
    source=REFERENCE + "Process",
    asked=(
        "Process runs in the main process instead of the child",
        "multiprocessing processes run one after the other",
        "TypeError: 'int' object is not callable",
    ),
)
def call_for_target(ctx):
    path = scratch("ran")
    process = ctx.Process(target=note_process(path))
    process.start()
    process.join()
    ran = pids_in(path)
    if process.exitcode != 0 or len(ran) != 1:
        raise RuntimeError("exit code %r, and it ran %d times" % (process.exitcode, len(ran)))
    if ran != [os.getpid()]:
        return yes()
    return no("f ran here, before the child started; the child did nothing and ended with exit code 0")


def note_process(path):
    """The function that is called instead of named: it notes which process runs it."""
    with open(path, "a") as file:
        file.write("%d\n" % os.getpid())


@question(
    "Does Process(target=f, args=5) raise at once?",
    why="args must be iterable: (5,), with the comma. The constructor makes a tuple of it at once.",
    do="Write args=(5,).",
    source=REFERENCE + "Process",
    methods=(),
    asked=("TypeError: 'int' object is not iterable", "multiprocessing args=(x) without comma"),
)
def number_for_tuple():
    import multiprocessing

    return raised_by(lambda: multiprocessing.Process(target=print, args=5))


@question(
    "Does Process(group=1) raise?",
    why="group is the first parameter and exists only because threading.Thread has it, so that Process(f) is an "
    "error too.",
    do="Name the parameters: target=…, args=….",
    source=REFERENCE + "Process",
    documented={"*": "yes"},
    methods=(),
    asked=("AssertionError: group argument must be None for now",),
)
def group_argument():
    import multiprocessing

    return raised_by(lambda: multiprocessing.Process(group=1))


@question(
    "Can daemon be set on a Process after start()?",
    why="A child learns at its start whether it is daemonic; a later change would have no effect. It is tried while "
    "the child runs, and again after its end: the answer is no only if both are refused.",
    do="Set it before start(), or pass daemon=True to Process.",
    source=REFERENCE + "Process.daemon",
    documented={"*": "no"},
    asked=("AssertionError: process has already started",),
)
def daemon_after_start(ctx):
    with Held(ctx) as process:
        refused = [refusal_of_daemon(process)]
    refused.append(refusal_of_daemon(process))
    if all(refused):
        return no(refused[0])
    return yes("after its end" if refused[0] else "while it runs")


def refusal_of_daemon(process):
    """How the object refuses to become daemonic; '' if it does not."""
    try:
        process.daemon = True
    except AssertionError as error:
        return describe(error)
    if process.daemon is not True:
        raise RuntimeError("daemon is %r" % process.daemon)
    return ""


@question(
    "Does Process.close() raise while the child runs?",
    why="close() releases what the Process object holds, which is needed as long as the child runs.",
    do="Call join() first, or terminate() and join().",
    source=REFERENCE + "Process.close",
    documented={"*": "yes"},
    asked=("ValueError: Cannot close a process while it is still running",),
)
def close_while_running(ctx):
    with Held(ctx) as process:
        return raised_by(process.close)


@question(
    "Can the exit code still be read from exitcode after Process.close()?",
    why="close() is the last thing that can be done with a Process. The child has ended with exit code 3.",
    do="Read exitcode before you close it.",
    source=REFERENCE + "Process.close",
    documented={"*": "no"},
    asked=("ValueError: process object is closed",),
)
def exit_code_after_close(ctx):
    process = ctx.Process(target=os._exit, args=(3,))
    process.start()
    process.join()
    if process.exitcode != 3:
        raise RuntimeError("before close() it is %r" % process.exitcode)
    process.close()
    try:
        code = process.exitcode
    except ValueError as error:
        return no(describe(error))
    return yes() if code == 3 else no("it is %r" % code)


@question(
    "Does the return value of join(timeout) tell whether the child has ended?",
    why="It returns None in both cases, unlike most calls with a timeout.",
    do="Look at process.exitcode or process.is_alive() afterwards. To end one that takes too long: if "
    "process.exitcode is None, call terminate() or kill(), then join() again.",
    source=REFERENCE + "Process.join",
    documented={"*": "no"},
    asked=("Process.join timeout return value", "how to know if join timed out"),
)
def join_result(ctx):
    with Held(ctx) as process:
        early = process.join(0)
        running = process.is_alive()
    late = process.join(0)
    if not running or process.is_alive():
        raise RuntimeError("alive %r, then %r" % (running, process.is_alive()))
    if early is None and late is None:
        return no("it returned None while the child ran, and None when it had ended")
    return yes("%r, then %r" % (early, late))


def touch(process):
    """What is_alive() and join(0) of another process's child return or raise."""
    told = []
    for call in (process.is_alive, lambda: process.join(0)):
        try:
            told.append(repr(call()))
        except AssertionError as error:
            told.append(describe(error))
    return told


@question(
    "Can a forked child use is_alive() and join() of another child of its parent?",
    why="Only the parent of a process can wait for it, yet a forked child has the parent's list of workers. That one "
    "runs all the while: the answer is yes only if is_alive() is True, and join(0) returns.",
    do="Join in the parent; let the child learn of its sibling's end through an Event or a pipe.",
    source=REFERENCE + "Process.join",
    documented={"*": "no"},
    methods=("fork",),
    asked=("AssertionError: can only test a child process", "AssertionError: can only join a child process"),
)
def join_sibling(ctx):
    with Held(ctx) as process:
        seen = run_child(ctx, touch, process, timeout=LIMIT)
    if not seen.ok:
        raise RuntimeError(seen.why_not())
    return yes() if seen.returned == ["True", "None"] else no("; ".join(seen.returned))


def refuse():
    """A target that no child ever runs."""
    raise RuntimeError("it ran")


class Stubborn:
    """An object that cannot be pickled until it is told to be good."""

    good = False

    def __reduce__(self):
        if not self.good:
            raise TypeError("not now")
        return (str, ())


@question(
    "What are pid, exitcode and is_alive() after start() failed to pickle a lambda argument?",
    why="Clean-up code must not try to end a process that was never started.",
    do="Treat it as not started: no child is left.",
    source=REFERENCE + "Process.exitcode",
    methods=("spawn", "forkserver"),
    asked=("process state after pickling error in start()", "exitcode None after failed start"),
)
def after_failed_start(ctx):
    import multiprocessing
    import pickle

    process = ctx.Process(target=refuse, args=(lambda: None,))
    try:
        process.start()
    except (AttributeError, TypeError, pickle.PicklingError) as error:
        raised = type(error).__name__
    else:
        process.join()
        raise RuntimeError("it started, and ended with %r" % process.exitcode)
    told = "pid %s, exitcode %s, alive %s" % (process.pid, process.exitcode, process.is_alive())
    left = len(multiprocessing.active_children())
    return value(told, "start() raised %s; active_children() has %d" % (raised, left))


@question(
    "Does a second start() work if the first failed because an argument could not be pickled?",
    why="On POSIX the arguments are pickled before anything is started, so that the second attempt is like the first.",
    do="Better make a new Process, with arguments that can be pickled.",
    source=REFERENCE + "Process.start",
    methods=("spawn", "forkserver"),
    asked=("retry Process.start()",),
)
def start_after_failure(ctx):
    if os.name == "nt":
        return unavailable("a failed start leaves a child there that must not be disturbed")
    argument, path = Stubborn(), scratch("again")
    process = ctx.Process(target=note, args=(argument, path))
    try:
        process.start()
    except TypeError as error:
        if str(error) != "not now":
            raise
        argument.good = True
    else:
        raise RuntimeError("the first start() did not fail")
    try:
        process.start()
    except (AssertionError, ValueError, RuntimeError) as error:
        return no(describe(error))
    process.join()
    with open(path) as file:
        noted = file.read()
    os.remove(path)
    if noted != "got ''":
        raise RuntimeError("the child noted %r" % noted)
    return yes()


def note(argument, path):
    """The child notes what it got."""
    with open(path, "w") as file:
        file.write("got %r" % (argument,))


if __name__ == "__main__":
    main()
