"""What every probe shares: the question decorator, the child helpers, the record protocol.

Runs under CPython 3.8 and later, PyPy, Pyodide and Windows with nothing installed. It is imported again by
every spawned child, so the top level imports only what the interpreter has loaded already.
"""

import os
import sys

METHODS = ("fork", "spawn", "forkserver")
WEBASSEMBLY = ("emscripten", "wasi")  # platforms without processes
RECORD = 1  # version of the record protocol, checked by the runner

_scale = float(os.environ.get("CANIFORK_TIME_SCALE") or 1)  # children inherit it: more than 1 under an emulator
LIMIT = 20 * _scale  # seconds for what must come, on any machine; less than a question's deadline

_questions = {}
_main_pid = os.getpid()


class Answer:
    """What one question saw. Build it with yes(), no(), value() or unavailable()."""

    def __init__(self, outcome, value=None, detail="", observed=None):
        self.outcome = outcome
        self.value = value
        self.detail = detail
        self.observed = observed or {}


class Unavailable(Exception):
    """The method, module or facility is not there: it was tried, and refused cleanly."""


def yes(detail="", **observed):
    """The question's answer is yes; `observed` is JSON data kept as evidence."""
    return Answer("yes", None, detail, observed)


def no(detail, **observed):
    """The question's answer is no; `detail` says how: 'TypeError: …', or what was seen instead."""
    return Answer("no", None, detail, observed)


def value(answer, detail="", **observed):
    """The answer is not yes or no: a JSON scalar or a list of them."""
    return Answer("value", answer, detail, observed)


def unavailable(detail, **observed):
    """A facility the question needs is not there."""
    return Answer("unavailable", None, detail, observed)


def question(
    text,
    why,
    do,
    source,
    documented=None,
    methods=METHODS,
    asked=(),
    deadline=30,
    exclusive=False,
    unit=None,
    measured=False,
    wanted="yes",
):
    """Register a function as one question about starting processes.

    text        one sentence in a user's words
    why, do     why it matters; what to do about it: one or two sentences each
    source      where the documented answer stands (URL)
    documented  {key: answer}, the first key that matches a cell counts. A key is '*', a method, a PEP 508
                marker, or 'method; marker'. An answer is an outcome ('yes', 'no', 'unavailable') or a value.
    methods     start methods to ask about; () asks once, without a method
    asked       other wordings and error messages under which people look for this
    deadline    seconds after which the runner calls it a hang, on an ordinary machine
    exclusive   nothing else may run beside it (timing, memory)
    unit        of a value, e.g. 'seconds'
    measured    the value differs from run to run by nature
    wanted      the answer that programs hope for: 'yes', 'no' (a trap, a warning), or 'either' where it is a mere fact;
                it decides whether a change between two Pythons is called a regression

    The function gets the multiprocessing context of its method (nothing when methods is ()) and returns an Answer.
    """

    def register(function):
        _questions[function.__name__] = function
        function.question = {
            "text": text,
            "why": why,
            "do": do,
            "source": source,
            "documented": documented or {},
            "methods": list(methods),
            "asked": list(asked),
            "deadline": deadline,
            "exclusive": exclusive,
            "unit": unit,
            "measured": measured,
            "wanted": wanted,
            "line": function.__code__.co_firstlineno,
        }
        return function

    return register


# --- what a child saw


def describe(error):
    """'TypeError: message' of an exception, without addresses, so that equal answers are equal texts."""
    return stable("%s: %s" % (type(error).__name__, error)).rstrip(": ")


def stable(text):
    """Text without what differs from run to run: memory addresses, our folders, process ids in generated names."""
    import re

    text = re.sub(r"\b0x[0-9a-fA-F]+", "0x...", text)
    for folder, name in ((scratch(), "TMP"), (os.path.dirname(os.path.abspath(__file__)), "probes")):
        for form in (folder, folder.replace("\\", "\\\\")):  # as it is, and as repr() shows it on Windows
            text = text.replace(form, name)
    return " ".join(text.split())


def scratch(*names):
    """A path in the private temporary folder that the runner made (or the system's, by hand)."""
    for name in ("TMPDIR", "TEMP", "TMP"):  # as tempfile does, whose import costs as much as a third of a start
        folder = os.environ.get(name)
        if folder and os.path.isdir(folder):
            return os.path.join(os.path.abspath(folder), *names)
    import tempfile

    return os.path.join(tempfile.gettempdir(), *names)


class Seen:
    """What came of one child.

    stage       'start' (start() raised), 'child' (it ended without the answer), 'hung' (still there after
                the timeout; it was killed) or 'done' (the function ran to its end or raised)
    returned    JSON data that the function returned in the child
    error       'TypeError: …' as raised by start(), by the function, or last printed by the child; else ''
    exception   the exception object that start() raised
    exitcode    Process.exitcode
    stderr      what the child and its helpers printed
    pid         of the child
    """

    def __init__(self, stage, returned=None, error="", exception=None, exitcode=None, stderr="", pid=None):
        self.stage = stage
        self.returned = returned
        self.error = error
        self.exception = exception
        self.exitcode = exitcode
        self.stderr = stderr
        self.pid = pid

    @property
    def ok(self):
        """The function ran in the child, raised nothing, and the child ended with status 0."""
        return self.stage == "done" and not self.error and self.exitcode == 0

    def why_not(self):
        """Text that says how it failed: the detail of a `no`."""
        if self.stage == "hung":
            return "the child did not end"
        return self.error or "the child ended with exit code %r before it answered" % (self.exitcode,)


def run_child(ctx, function, *args, **options):
    """Start one child of the context, run function(*args) in it, join it, and say what was seen.

    The function must be importable (module level of the probe's file, or a builtin) unless that is the
    question; what it returns comes back as JSON through a file, not through the mechanisms under test.
    timeout (seconds): kill the child after it; without one a hang is the runner's to see.
    kwargs: passed on to Process (name=, daemon=…).
    meanwhile: called in the parent between start() and join().
    """
    timeout = options.pop("timeout", None)
    kwargs = options.pop("kwargs", {})
    meanwhile = options.pop("meanwhile", None)
    assert not options, options

    def make(report):
        return ctx.Process(target=_answer_by_file, args=(report, function, args), **kwargs)

    return run_process(make, timeout, meanwhile)


def run_process(make, timeout=None, meanwhile=None):
    """Like run_child() for the process that make(report) returns: for questions about the target itself.

    The child must call answer(report, data): its data comes back as Seen.returned.
    """
    report = _unique("child")
    if os.path.exists(report):
        os.remove(report)  # by hand: of an earlier process that had this id
    since = _position()
    try:
        process = make(report)
        process.start()
    except Exception as error:
        return Seen("start", error=describe(error), exception=error, stderr=printed(since))
    if meanwhile is not None:
        try:
            meanwhile()
        except BaseException:
            process.kill()
            process.join()
            raise
    process.join(timeout)
    if process.exitcode is None:
        process.kill()
        process.join()
        return Seen("hung", exitcode=process.exitcode, stderr=printed(since), pid=process.pid)
    text = printed(since)
    record = _read_json(report)
    if record is None:
        return Seen("child", error=last_error(text), exitcode=process.exitcode, stderr=text, pid=process.pid)
    returned, raised = record.get("returned"), record.get("raised", "")
    return Seen("done", returned, raised, exitcode=process.exitcode, stderr=text, pid=process.pid)


def answer(report, returned=True):
    """Called in the child of run_process(): what it saw, as JSON data."""
    _write_json(report, {"returned": returned})


REFUSALS = ("TypeError", "AttributeError", "PicklingError")  # what pickle raises, by type and by version


def can_use(ctx, function, *args, **options):
    """Answer whether function(*args) can be run in a child and returns True there.

    failures: names of the exceptions that are a `no` (default: REFUSALS). Any other failure, a crash and a
    hang are raised, since they are not an answer to the question.
    """
    failures = options.pop("failures", REFUSALS)
    return judged(ctx, run_child(ctx, function, *args, **options), failures)


def judged(ctx, seen, failures=REFUSALS):
    """Answer yes if the child returned True, no if it failed with one of the named exceptions; else raise."""
    if seen.ok and seen.returned is True:
        return yes()
    named = seen.error.partition(":")[0] in failures
    if seen.stage == "child" and seen.exitcode != 1:  # not an exception that ended it: what it printed is no cause
        named = False
    if failures is REFUSALS and seen.stage == "done":  # pickle is not what failed
        named = False
    if not named or (seen.stage == "start" and os.name != "nt" and _refusal(ctx)):
        raise_unexpected(ctx, seen)
    return no(seen.why_not(), stage=seen.stage, exitcode=seen.exitcode)


def raise_unexpected(ctx, seen):
    """Raise, always: what was seen is no answer. Unavailable where no child can be started at all."""
    if seen.stage == "start" and os.name != "nt":  # there, processes can be started
        refusal = _refusal(ctx)
        if refusal:
            raise Unavailable(refusal)
    saw = "the child saw %r" % (seen.returned,) if seen.ok else seen.why_not()
    raise RuntimeError("unexpected: " + saw)


def raise_if_unavailable(ctx, seen):
    """Raise Unavailable if start() failed for a reason that has nothing to do with the question.

    The control experiment decides: a child that does nothing cannot be started either. It may fail at first,
    as long as a fork server that is about to end has not ended.
    """
    if seen.stage == "start" and not isinstance(seen.exception, (TypeError, AttributeError, AssertionError)):
        refusals = []
        if not wait_until(lambda: refusals.append(_start_nothing(ctx)) or not (refusals[-1] and passing(refusals[-1]))):
            raise RuntimeError("nor does a child start that does nothing: %s" % describe(refusals[-1]))
        if refusals[-1]:
            raise Unavailable(describe(refusals[-1]))


def need_executor(ctx):
    """Raise Unavailable where ProcessPoolExecutor runs no task: PyPy 7.3.11 has half of a change of CPython's."""
    from concurrent.futures import ProcessPoolExecutor

    if hasattr(ProcessPoolExecutor, "_adjust_process_count"):
        return
    with ProcessPoolExecutor(1, mp_context=ctx) as pool:
        try:
            pool.submit(do_nothing).result()
        except AttributeError as error:
            raise Unavailable(describe(error)) from error


def do_nothing():
    """The target of a child that must merely start and end."""


def passing(error):
    """Whether an exception may be gone at the next try (a full machine, a server that died): no fact about Python."""
    import errno

    if isinstance(error, OSError) and error.errno in (errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE):
        return True
    return isinstance(error, (MemoryError, ConnectionError, EOFError))


def _refusal(ctx):
    """How the context refuses to start a child that does nothing; '' if it starts one, or fails in passing."""
    error = _start_nothing(ctx)
    return "" if error is None or passing(error) else describe(error)


def _start_nothing(ctx):
    """Start a child that does nothing; the exception, or None."""
    try:
        process = ctx.Process(target=do_nothing)
        process.start()
        process.join()
    except Exception as error:
        return error
    return None


def origin():
    """What a child can say of how it was started; the parent reads it with method_of()."""
    return [os.getpid(), os.getppid(), _main_pid]


def method_of(said):
    """The start method that made the child which said this.

    Judged by memory and parent, since a child merely repeats the name that multiprocessing has told it.
    """
    pid, parent, imported = said
    if pid == os.getpid():
        raise RuntimeError("it ran in this process")
    if imported == os.getpid():
        return "fork"  # it has this module as it was imported here
    return "spawn" if os.name == "nt" or parent == os.getpid() else "forkserver"


def _answer_by_file(report, function, args):
    try:
        record = {"returned": function(*args)}
    except Exception as error:
        record = {"raised": describe(error)}
    _write_json(report, record)


_count = 0


def _unique(prefix):
    global _count
    _count += 1
    return scratch("%s-%d-%d" % (prefix, os.getpid(), _count))


def _write_json(path, data):
    """Write whole or not at all: a reader never sees half of it."""
    import json

    part = "%s.%d.part" % (path, os.getpid())
    with open(part, "w", encoding="utf-8") as file:
        json.dump(data, file)
    os.replace(part, path)


def _read_json(path):
    import json

    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        return None


_output = None  # the file that descriptors 1 and 2 of this process and its children lead to


def printed(since=0):
    """What this process and its children have printed, from a position (bytes) on.

    A child that fails before it runs its target says why only there.
    """
    sys.stderr.flush()
    with open(_output, "rb") as file:
        file.seek(since)
        return file.read().decode("utf-8", "backslashreplace").replace("\r\n", "\n")


def _position():
    sys.stderr.flush()
    return os.path.getsize(_output)


def last_error(text):
    """The last 'SomeError: message' line of a traceback in a text, or ''."""
    for line in reversed(text.splitlines()):
        name = line.partition(":")[0]
        if line[:1].isalpha() and name.replace(".", "").replace("_", "").isalnum():
            if name.endswith(("Error", "Exception", "Interrupt", "Exit")):
                return stable(name.rpartition(".")[2] + line[len(name) :])
    return ""


# --- other processes


def processes():
    """{pid: (parent's pid, command line)} of every process that has not ended; Unavailable where nobody says."""
    if os.name == "nt":
        raise Unavailable("no list of processes here")
    if os.path.exists("/proc/self/stat"):
        return _processes_of_proc()
    import subprocess

    try:
        ps = subprocess.Popen(["ps", "-A", "-ww", "-o", "pid=,ppid=,stat=,command="], stdout=subprocess.PIPE)
    except (OSError, ImportError, AttributeError, NotImplementedError) as error:
        raise Unavailable("no list of processes: %s" % describe(error)) from error
    text = ps.communicate()[0].decode("utf-8", "replace")
    if ps.returncode != 0:
        raise Unavailable("no list of processes: ps ended with %r" % ps.returncode)
    rows = [line.split(None, 3) for line in text.splitlines()]
    found = {int(row[0]): (int(row[1]), row[-1]) for row in rows if len(row) == 4 and not row[2].startswith("Z")}
    found.pop(ps.pid, None)
    return found


def _processes_of_proc():
    found = {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open("/proc/%s/stat" % name, "rb") as file:
                state, parent = file.read().rpartition(b")")[2].split()[:2]
            with open("/proc/%s/cmdline" % name, "rb") as file:
                command = file.read().replace(b"\0", b" ").decode("utf-8", "replace").strip()
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue  # it ended meanwhile
        if state not in (b"Z", b"X"):
            found[int(name)] = (int(parent), command)
    return found


def wait_until(condition, seconds=None):
    """Ask again and again until condition() is true; its last value. For what must come, not for what must not.

    seconds: half of LIMIT by default, which is more under an emulator.
    """
    import time

    end = time.monotonic() + (LIMIT / 2 if seconds is None else seconds)
    while True:
        answer = condition()
        if answer or time.monotonic() > end:
            return answer
        time.sleep(0.01)  # between two looks


# --- whole scripts


class Script:
    """What came of a script that was run by an interpreter of its own."""

    def __init__(self, status, stdout, stderr, timed_out):
        self.status = status
        self.stdout = stdout
        self.stderr = stderr
        self.timed_out = timed_out

    @property
    def error(self):
        """The last error that it printed, or ''."""
        return last_error(self.stderr)


def run_script(path, *args, **options):
    """Run a Python script (a name in assets/, or an absolute path) to its end with this interpreter.

    flags: interpreter options before the path (['-m']); env: changes to the environment; stdin: text;
    cwd: its working folder; timeout: seconds, after which its process group is killed. Output goes to
    files, so that an orphan that holds it cannot make a finished script look hung.
    """
    flags = options.pop("flags", [])
    env = dict(os.environ, **options.pop("env", {}))
    stdin_text = options.pop("stdin", None)
    timeout = options.pop("timeout", None)
    cwd = options.pop("cwd", None)
    assert not options, options
    if path and flags[-1:] not in (["-m"], ["-c"]) and not os.path.isabs(path):
        path = asset(path)
    command = [sys.executable] + list(flags) + ([path] if path else []) + list(args)
    import subprocess

    out, err = _unique("stdout"), _unique("stderr")
    group = {} if os.name == "nt" else {"start_new_session": True}
    with open(out, "wb") as out_file, open(err, "wb") as err_file:
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL if stdin_text is None else subprocess.PIPE,
                stdout=out_file,
                stderr=err_file,
                env=env,
                cwd=cwd,
                **group,
            )
        except (OSError, ImportError, AttributeError, NotImplementedError) as error:
            raise Unavailable("no process can be started: %s" % describe(error)) from error
    timed_out = False
    try:
        process.communicate(None if stdin_text is None else stdin_text.encode("utf-8"), timeout=timeout)
    except subprocess.TimeoutExpired:
        timed_out = True
    _kill_group(process)
    status = process.wait()
    return Script(status, _read_text(out), _read_text(err), timed_out)


def _kill_group(process):
    """End what a script left behind; its own exit status is not touched if it has ended already."""
    if os.name == "nt":
        process.kill()
        return
    import signal

    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass  # nobody is left


def _read_text(path):
    with open(path, "rb") as file:
        return file.read().decode("utf-8", "backslashreplace").replace("\r\n", "\n")


def asset(name):
    """The absolute path of a script in probes/assets."""
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), "assets", name)


# --- the program


def main():
    """Answer one question, or list them all: the last line of every probe script."""
    options = _parse(sys.argv[1:])
    theme = os.path.splitext(os.path.basename(os.path.abspath(sys.argv[0])))[0]
    if options["list"]:
        import json

        rows = [
            dict(function.question, id="%s.%s" % (theme, name), end=_last_line(function))
            for name, function in _questions.items()
        ]
        json.dump(rows, sys.stdout)
        print()
        return
    name = options["question"]
    if name not in _questions:
        _usage("no question %r here; there are: %s" % (name, ", ".join(_questions)))
    function = _questions[name]
    methods = function.question["methods"] or ["none"]
    method = options["method"] or methods[0]
    if method not in methods:
        _usage("%s is asked under: %s" % (name, ", ".join(methods)))
    if options["record"]:
        _recorded(function, theme + "." + name, method, options)
    else:
        _shown(function, method)


def _recorded(function, probe, method, options):
    """For the runner: the answer goes to the record file, once 'started', once 'finished'."""
    global _output
    _output = options["output"]
    record = {"record": RECORD, "probe": probe, "method": method, "token": options["token"]}
    _write_json(options["record"], dict(record, state="started"))
    _watch(options["deadline"])
    answer = _ask(function, method)
    if os.getpid() != _main_pid:
        os._exit(97)  # a forked child ran out of its target: it must never answer in the parent's place
    answered = {"outcome": answer.outcome, "value": answer.value, "detail": answer.detail}
    _write_json(options["record"], dict(record, state="finished", observed=answer.observed, **answered))


def _shown(function, method):
    """By hand: the answer goes to stdout, and what the children printed to stderr."""
    global _output
    _output = _unique("output")
    sys.stderr.flush()
    saved = os.dup(2)
    file = os.open(_output, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(file, 2)
    os.close(file)
    try:
        answer = _ask(function, method)
    finally:
        text = printed()
        os.dup2(saved, 2)
        os.close(saved)
        if os.name != "nt":  # there, a child may still hold it open
            os.remove(_output)
        sys.stderr.write(text)
    shown = answer.outcome if answer.outcome != "value" else repr(answer.value)
    print("%s: %s" % (shown, answer.detail) if answer.detail else shown)


def _ask(function, method):
    """Call the question; refusals of the platform become `unavailable`, any other exception an `error`."""
    ctx = None
    try:
        if method == "none":
            return function()
        import multiprocessing

        try:
            ctx = multiprocessing.get_context(method)
        except ValueError as error:
            return unavailable(describe(error))
        answer = function(ctx)
        refusal = _refusal(ctx) if answer.outcome == "no" and sys.platform in WEBASSEMBLY else ""
        return unavailable(refusal, said=answer.detail) if refusal else answer  # nothing starts there: no "no"
    except Unavailable as error:
        return unavailable(str(error))
    except Exception as error:
        refusal = _refusal(ctx) if ctx else ""
        if isinstance(error, ImportError) and (error.name == "_multiprocessing" or "sem_open" in str(error)):
            refusal = refusal or describe(error)  # where the system has no semaphores, there are no locks and queues
        refusal = refusal or _lacking(error)
        if refusal:
            return unavailable(refusal, raised=describe(error))
        import traceback

        traceback.print_exc()
        sys.stderr.flush()
        return Answer("error", None, describe(error))


def _lacking(error):
    """What WebAssembly has not, as an exception tells it: os.pipe, mmap, threads; '' for any other exception.

    Only there: on a system that has processes, such an exception may be a mistake of the probe.
    """
    if sys.platform not in WEBASSEMBLY:
        return ""
    import errno

    text = describe(error)
    missing = isinstance(error, (ImportError, NotImplementedError))
    missing = missing or (isinstance(error, AttributeError) and "module '" in text)
    missing = missing or (isinstance(error, OSError) and error.errno in (errno.ENOSYS, errno.ENOTSUP))
    missing = missing or (isinstance(error, RuntimeError) and "start new thread" in text)
    return text if missing else ""


def _watch(deadline):
    """Where no signal can ask for stacks (Windows), print them shortly before the deadline.

    Not elsewhere: the watchdog is a thread, and fork warns about threads.
    """
    if deadline and os.name == "nt":
        import faulthandler

        faulthandler.dump_traceback_later(0.8 * deadline)


def _last_line(function):
    """The number of the last line of a function's source."""
    import inspect

    lines, first = inspect.getsourcelines(function)
    return first + len(lines) - 1


def _parse(argv):
    """The command line by hand: argparse would cost more than some probes."""
    options = {"question": None, "method": None, "record": None, "output": None}
    options.update({"token": None, "deadline": 0, "list": False})
    rest = list(argv)
    while rest:
        word = rest.pop(0)
        if word == "--list":
            options["list"] = True
        elif word in ("--method", "--record", "--output", "--token", "--deadline"):
            if not rest:
                _usage("%s wants a value" % word)
            options[word[2:]] = float(rest.pop(0)) if word == "--deadline" else rest.pop(0)
        elif word.startswith("-") or options["question"]:
            _usage("do not understand %r" % word)
        else:
            options["question"] = word
    if not options["list"] and not options["question"]:
        _usage("name a question: %s" % ", ".join(_questions))
    return options


def _usage(message):
    sys.stderr.write("%s\nusage: python SCRIPT QUESTION [--method METHOD] | --list\n" % message)
    sys.exit(2)
