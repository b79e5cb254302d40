"""Inside a process of a trial: make a start method the default, and write down what is started, how and from where.

Standard library only, 3.8-safe. It is imported by every Python of the trial before the program begins, so it imports
nothing itself but what is there already, takes a few milliseconds, and leaves `sys.path` as it would be without it.
Everything else that a program can see of multiprocessing stays: `get_start_method(allow_none=True)` is None until
the program asks or sets, and `set_start_method()` works.

What is seen goes as lines of JSON into `events-PID.jsonl`: one file a process, no descriptor kept open.
"""

import _thread
import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
LIBRARY = os.path.dirname(os.path.abspath(os.__file__))
FRAMES = 12
"""Frames outside the library that are kept of each caller."""

TESTS = ("test", "warning", "collected")
"""Events that go into a folder of their own: canifork follows them while the trial runs."""


class Settings:
    """What the trial wants; the file `settings` beside this one, lines of `key=value`."""

    def __init__(self, path):
        lines = {}
        try:
            with open(path, encoding="utf-8") as file:
                for line in file:
                    key, _, text = line.rstrip("\n").partition("=")
                    lines[key] = text
        except OSError:
            pass
        self.method = lines.get("method", "")
        self.override = lines.get("override") == "1"
        self.log = lines.get("log", "")
        self.stacks_every = float(lines.get("stacks_every") or 0)


class State:
    """What this process has seen so far; a forked child goes on with a copy."""

    def __init__(self):
        self.settings = Settings(os.path.join(HERE, "settings"))
        self.swapped = False
        self.platform_default = ""
        self.asked = set()  # methods that the program named itself
        self.set_by_user = False
        self.starting = {}  # thread: note of the start that is under way in it


STATE = State()


# --- the log -------------------------------------------------------------------------------------------------------


def encoded(value):
    """A value as JSON, in ASCII. By hand: importing json takes longer than everything else here."""
    if value is None:
        return "null"
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value) if value == value and abs(value) != float("inf") else "null"
    if isinstance(value, dict):
        return "{%s}" % ", ".join("%s: %s" % (text(key), encoded(one)) for key, one in value.items())
    if isinstance(value, (list, tuple)):
        return "[%s]" % ", ".join([encoded(one) for one in value])
    return text(value)


def text(value):
    """A JSON string."""
    value = value if isinstance(value, str) else repr(value)
    if value.isascii() and value.isprintable() and '"' not in value and "\\" not in value:
        return '"%s"' % value
    parts = []
    for char in value:
        code = ord(char)
        if char in '"\\':
            parts.append("\\" + char)
        elif 32 <= code < 127:
            parts.append(char)
        elif code > 0xFFFF:
            code -= 0x10000
            parts.append("\\u%04x\\u%04x" % (0xD800 + (code >> 10), 0xDC00 + (code & 0x3FF)))
        else:
            parts.append("\\u%04x" % code)
    return '"%s"' % "".join(parts)


def log(event, **values):
    """Append one line to this process's file. Whatever goes wrong, the program must not notice."""
    try:
        values["event"], values["pid"], values["at"] = event, os.getpid(), time.monotonic()
        folder = "tests" if event in TESTS else "processes"
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
        fd = os.open(os.path.join(STATE.settings.log, folder, "events-%d.jsonl" % os.getpid()), flags, 0o600)
        try:
            os.write(fd, (encoded(values) + "\n").encode("ascii"))
        finally:
            os.close(fd)
    except Exception:
        pass


def in_library(path):
    """Whether a frame's file is the library's, or ours."""
    if path.startswith("<frozen "):
        return True
    if path.startswith(HERE):
        return True
    return path.startswith(LIBRARY) and "site-packages" not in path and "dist-packages" not in path


def callers(frame):
    """(the innermost frames outside the library as [file, line, function], files of the library on the way)."""
    found, passed = [], []
    while frame is not None and len(found) < FRAMES:
        path = frame.f_code.co_filename
        if in_library(path):
            if not found:
                passed.append(path)
        else:
            found.append([path, frame.f_lineno, frame.f_code.co_name])
        frame = frame.f_back
    return found, passed


def interface(passed):
    """Which part of the library was used, by its files between the program and the start."""
    for end, name in (
        ("concurrent/futures/process.py", "ProcessPoolExecutor"),
        ("multiprocessing/pool.py", "Pool"),
        ("multiprocessing/managers.py", "Manager"),
    ):
        if any(path.replace("\\", "/").endswith(end) for path in passed):
            return name
    return "Process"


def threads():
    """(threads of this process as the system counts them, those that Python knows)."""
    known = len(sys._current_frames())
    try:
        return len(os.listdir("/proc/self/task")), known
    except OSError:
        return known, known


def name_of(value):
    """A function's or class's dotted name; '' for None."""
    if value is None:
        return ""
    name = getattr(value, "__qualname__", None) or type(value).__qualname__
    module = getattr(value, "__module__", None) or type(value).__module__
    return "%s.%s" % (module, name)


def carried():
    """Why a Python that this process starts will not be watched: '' if it will."""
    flags = sys.flags
    if flags.isolated or flags.ignore_environment or flags.no_site:
        return "it runs with -I, -E or -S"
    return hidden(os.environ.get("PYTHONPATH", ""))


def hidden(path):
    """Why a Python with this PYTHONPATH will not import our sitecustomize; '' if it will."""
    folders = path.split(os.pathsep)
    if HERE not in folders:
        return "the program took PYTHONPATH out of its environment"
    for folder in folders[: folders.index(HERE)]:
        if folder and os.path.isfile(os.path.join(folder, "sitecustomize.py")):
            return "the program put a sitecustomize of its own first on PYTHONPATH"
    return ""


# --- multiprocessing -----------------------------------------------------------------------------------------------


def dressed(new, old):
    """Let a replacement look like what it replaces."""
    for name in ("__module__", "__name__", "__qualname__", "__doc__"):
        try:
            setattr(new, name, getattr(old, name))
        except AttributeError:
            pass
    new.__wrapped__ = old
    return new


def on_context(module):
    """multiprocessing.context was imported: make our method the default."""
    why = swap(module)
    STATE.swapped = not why
    log("swap", ok=not why, why=why, default=STATE.platform_default, method=STATE.settings.method)
    if not why:
        watch_requests(module, STATE.settings.override)


def swap(module):
    """Put another context behind the default one; returns why that is not possible, or ''."""
    try:
        default, contexts = module._default_context, module._concrete_contexts
        STATE.platform_default = default._default_context._name
        method = STATE.settings.method or STATE.platform_default
        if method not in contexts:
            return "this Python has no start method %s" % method
        if method != STATE.platform_default:
            contexts[method]._check_available()
            default._default_context = contexts[method]
            order_methods(type(default), method)
        if default._default_context._name != method:
            return "the default context did not take the method"
    except Exception as error:
        return "%s: %s" % (type(error).__name__, error)
    return ""


def order_methods(kind, method):
    """get_all_start_methods() tells the default first."""
    original = kind.get_all_start_methods

    def get_all_start_methods(self):
        listed = original(self)
        return [method] + [name for name in listed if name != method] if method in listed else listed

    kind.get_all_start_methods = dressed(get_all_start_methods, original)


def watch_requests(module, override):
    """Write down which methods the program names itself; with `override` it gets the trial's instead."""
    kind = type(module._default_context)
    for one in (module.BaseContext, kind):
        one.get_context = watched_request(one.get_context, "get_context", module, override)
    kind.set_start_method = watched_request(kind.set_start_method, "set_start_method", module, override)


def watched_request(original, by, module, override):
    """A method of a context that is told a start method; the library's own calls go through as they are."""

    def called(self, method=None, *rest, **options):
        caller = sys._getframe(1)
        if method is not None and not in_library(caller.f_code.co_filename):
            request(method, by, caller)
            if override and method in module._concrete_contexts:
                method = STATE.settings.method or method
        return original(self, method, *rest, **options)

    return dressed(called, original)


def request(method, by, frame):
    """The program named a method itself."""
    if by == "set_start_method":
        STATE.set_by_user = True
    if isinstance(method, str) and (method not in STATE.asked or by == "set_start_method"):
        STATE.asked.add(method)
        log("asked", method=method, by=by, stack=callers(frame)[0])


def on_process(module):
    """multiprocessing.process, or a package of the same build, was imported: write down every start."""
    package = module.__name__.partition(".")[0]
    kind = module.BaseProcess
    original, bootstrap = kind.start, kind._bootstrap

    def start(self):
        pid, began, key = os.getpid(), time.monotonic(), _thread.get_ident()
        note = {"bytes": None, "threads": None, "known_threads": None, "unpicklable": ("", [])}
        STATE.starting[key] = note
        error = None
        try:
            return original(self)
        except BaseException as raised:
            error = type(raised).__name__
            raise
        finally:
            if os.getpid() == pid:  # a forked child leaves by os._exit()
                STATE.starting.pop(key, None)
                started(self, package, note, error, began, sys._getframe(1))

    def _bootstrap(self, *args, **options):
        log("began", name=getattr(self, "_name", ""))
        code = bootstrap(self, *args, **options)
        if code:
            log("failed", code=code if isinstance(code, int) else 1)
        return code

    kind.start = dressed(start, original)
    kind._bootstrap = dressed(_bootstrap, bootstrap)


def started(process, package, note, error, began, frame):
    """Log one start, whether it succeeded or not."""
    try:
        popen = getattr(process, "_popen", None)
        method = getattr(popen, "method", None) or intended(process)
        stack, passed = callers(frame)
        log(
            "start",
            method=method,
            origin=origin(process, method),
            library=package,
            interface=interface(passed),
            kind=name_of(type(process)),
            target=name_of(getattr(process, "_target", None)),
            child=getattr(popen, "pid", None),
            threads=note["threads"],
            known_threads=note["known_threads"],
            bytes=note["bytes"],
            began=began,
            seconds=time.monotonic() - began,
            error=error,
            unpicklable=note["unpicklable"][0],
            inside=" ".join(note["unpicklable"][1]),
            stack=stack,
            unwatched="" if method == "fork" else carried(),
        )
    except Exception:
        pass


def intended(process):
    """The method of a process that was not started after all."""
    own = getattr(process, "_start_method", None)
    if own is not None:
        return own
    context = sys.modules.get("multiprocessing.context")
    actual = context and context._default_context._actual_context
    return actual._name if actual else STATE.settings.method or STATE.platform_default


def origin(process, method):
    """Who chose the method: 'default', 'set' (set_start_method), 'explicit', or 'either' of default and explicit."""
    resolved = "set" if STATE.set_by_user else "default"
    if getattr(process, "_start_method", None) is None:
        return resolved
    context = sys.modules.get("multiprocessing.context")
    actual = context and context._default_context._actual_context
    if actual is None or actual._name != method:
        return "explicit"
    if resolved == "default" and method in STATE.asked:
        return "either"
    return resolved


def on_reduction(module):
    """multiprocessing.reduction was imported: count the bytes of what a start pickles."""
    original = module.dump

    def dump(obj, file, protocol=None):
        note = STATE.starting.get(_thread.get_ident())
        if note is None:
            return original(obj, file, protocol)
        counted = Counted(file)
        try:
            original(obj, counted, protocol)
        except Exception:
            note["unpicklable"] = unpicklable(obj, original)
            raise
        note["bytes"] = (note["bytes"] or 0) + counted.bytes
        return None

    module.dump = dressed(dump, original)


def unpicklable(obj, dump):
    """(path to the part of an object that cannot be pickled, '' if it is not found; classes of what is on it)."""
    try:
        import _canifork_unpicklable

        return _canifork_unpicklable.find(obj, dump)
    except Exception:
        return "", []


def on_tracker(module):
    """multiprocessing.resource_tracker was imported: write down the names that somebody has to remove at the end."""
    original = module.ResourceTracker._send

    def _send(self, command, name, kind, *rest):
        if command == "REGISTER":
            log("resource", name=name, kind=kind)
        return original(self, command, name, kind, *rest)

    module.ResourceTracker._send = dressed(_send, original)


class Counted:
    """A file to write to that counts: on Windows the pickle goes straight into a pipe, which cannot tell."""

    def __init__(self, file):
        self.file = file
        self.bytes = 0

    def write(self, data):
        self.bytes += len(data) if isinstance(data, (bytes, bytearray)) else memoryview(data).nbytes
        return self.file.write(data)

    def __getattr__(self, name):
        return getattr(self.file, name)


def before_fork():
    """Called in the parent before every fork, whoever makes it."""
    note = STATE.starting.get(_thread.get_ident())
    if note is not None:
        note["threads"], note["known_threads"] = threads()
        return
    stack, passed = callers(sys._getframe(1))
    if passed and passed[0].replace("\\", "/").endswith(("multiprocessing/forkserver.py", "/subprocess.py")):
        return
    count, known = threads()
    log("fork", threads=count, known_threads=known, stack=stack)


def after_fork():
    """Called in the child: it has a file of its own, and starts nothing yet."""
    STATE.starting.clear()
    log("forked", parent=os.getppid())


# --- what else starts Pythons --------------------------------------------------------------------------------------


def on_subprocess(module):
    """subprocess was imported: write down the Pythons that will not be watched."""
    original = module.Popen.__init__

    def __init__(self, *args, **options):
        try:
            words = args[0] if args else options.get("args")
            env = options.get("env", args[10] if len(args) > 10 else None)
            unwatched(words, env)
        except Exception:
            pass
        return original(self, *args, **options)

    module.Popen.__init__ = dressed(__init__, original)


def unwatched(words, env):
    """Log a command that is a Python and will not import this."""
    if isinstance(words, (str, bytes)) or not words:
        return
    words = [os.fsdecode(word) if isinstance(word, bytes) else str(word) for word in words]
    name = os.path.basename(words[0]).lower()
    if not (name.startswith(("python", "pypy")) or words[0] == sys.executable) or "config" in name:
        return
    why = ""
    for word in words[1:]:
        if not word.startswith("-") or word.startswith("--") or word in ("-c", "-m", "-"):
            break
        if word[1:2] not in ("W", "X") and set(word[1:]) & set("IES"):
            why = "it runs with %s" % word
            break
    environment = os.environ if env is None else {os.fsdecode(k): os.fsdecode(v) for k, v in env.items()}
    why = why or hidden(environment.get("PYTHONPATH", ""))
    if why:
        log("unwatched", argv=words[:8], why=why, stack=callers(sys._getframe(2))[0])


# --- importing -----------------------------------------------------------------------------------------------------


def on_unittest(module):
    """unittest.result was imported: write down its tests, unless pytest already does."""
    import _canifork_unittest

    _canifork_unittest.watch(module.TestResult, log)


def on_other_context(module):
    """A copy of multiprocessing (multiprocess, billiard): it is forced only if explicit requests are."""
    if STATE.settings.override:
        try:
            module._default_context._default_context = module._concrete_contexts[STATE.settings.method]
        except Exception:
            pass


ACTIONS = {
    "multiprocessing.context": on_context,
    "multiprocessing.process": on_process,
    "multiprocessing.reduction": on_reduction,
    "multiprocessing.resource_tracker": on_tracker,
    "billiard.context": on_other_context,
    "multiprocess.context": on_other_context,
    "multiprocess.process": on_process,
    "billiard.process": on_process,
    "subprocess": on_subprocess,
    "unittest.result": on_unittest,
}
OWN = ("_canifork_pytest", "_canifork_unittest", "_canifork_unpicklable")
"""Modules beside this one that are imported by name, although the folder is not in sys.path."""


class Finder:
    """Calls an action when a module has been imported; the first of sys.meta_path."""

    def find_spec(self, name, path=None, target=None):
        if name in OWN:
            from importlib.util import spec_from_file_location

            return spec_from_file_location(name, os.path.join(HERE, name + ".py"))
        if name not in ACTIONS:
            return None
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None)
            if finder is self or find is None:
                continue
            spec = find(name, path, target)
            if spec is not None:
                return watched(spec, name)
        return None


def watched(spec, name):
    """The spec, whose loader calls the action after the module's code: only this module's, and only once."""
    loader = spec.loader
    original = getattr(loader, "exec_module", None)
    if original is None:
        return spec

    def exec_module(module):
        original(module)
        if getattr(module, "__name__", "") == name:
            loader.__dict__.pop("exec_module", None)
            act(name, module)

    try:
        loader.exec_module = exec_module
    except AttributeError:
        pass  # end() finds that the swap did not take
    return spec


def act(name, module):
    """Call an action; what it cannot do is for the log, not for the program."""
    try:
        ACTIONS[name](module)
    except Exception as error:
        log("fault", where=name, why="%s: %s" % (type(error).__name__, error))


def chain():
    """Run the sitecustomize that would have run without us."""
    for finder in sys.meta_path:
        if isinstance(finder, Finder) or not hasattr(finder, "find_spec"):
            continue
        spec = finder.find_spec("sitecustomize", None)
        if spec is not None and spec.loader is not None:
            module = type(sys)("sitecustomize")
            module.__spec__, module.__loader__ = spec, spec.loader
            module.__file__ = spec.origin
            sys.modules["sitecustomize"] = module
            spec.loader.exec_module(module)
            return


def end():
    """At the end of a process: was multiprocessing imported past us?"""
    if "multiprocessing.context" in sys.modules and not STATE.swapped:
        log("swap", ok=False, why="multiprocessing was imported past the hook", default="", method="")


def write_stacks(seconds):
    """Let this process write its stacks into a file of its own, again and again: where no signal can ask for them.

    A thread of C does it, which needs no lock of Python's and is none of its threads.
    """
    try:
        import faulthandler

        path = os.path.join(STATE.settings.log, "stacks", "stacks-%d.txt" % os.getpid())
        fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        faulthandler.dump_traceback_later(seconds, repeat=True, file=fd)
    except Exception:
        pass


def begin():
    """Install all hooks, write the first line, then run the program's own sitecustomize."""
    sys.path[:] = [path for path in sys.path if path != HERE]
    sys.path_importer_cache.pop(HERE, None)
    sys.dont_write_bytecode = True  # a trial writes nothing into the project
    version = sys.implementation.version
    log(
        "hello",
        parent=os.getppid() if os.name == "posix" else 0,
        implementation=sys.implementation.name,
        python="%d.%d.%d" % sys.version_info[:3],
        engine="%d.%d.%d" % version[:3],
        platform=sys.platform,
        executable=sys.executable,
        command=list(getattr(sys, "orig_argv", ()))[:8],
    )
    sys.meta_path.insert(0, Finder())
    for name in ACTIONS:
        if name in sys.modules:
            act(name, sys.modules[name])
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(before=before_fork, after_in_child=after_fork)
    import atexit

    atexit.register(end)
    if STATE.settings.stacks_every:
        write_stacks(STATE.settings.stacks_every)
    chain()
