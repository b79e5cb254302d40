"""What the ten questions share: loading a recipe, running its server, starting a child and telling how that went.

Runs under CPython 3.8 and later with nothing but the package installed. Every child imports it again.
"""

import faulthandler
import os
import signal
import sys
import time

from _probe import LIMIT, _scale, answer, describe, last_error, raise_if_unavailable, run_process, scratch, stable

WORKS, RAISES, WRONG, HANGS, CRASHES = "works", "raises", "wrong result", "hangs", "crashes"
REFUSED, PARENT = "cannot be passed", "breaks the parent"
# Seconds without any CPU time after which a child hangs: twice what a recipe may wait for. Where the system does not
# show how much CPU time a process has used, also long enough for one that computes.
QUIET = (4 if os.path.exists("/proc/self/stat") else 20) * _scale
SPIN = 5 * _scale  # seconds of CPU time, fifty times what a recipe may need, after which a child is in an endless loop
PATIENCE = 60 * _scale  # seconds that a child may take if it computes; then the machine is too slow to say anything

_stack_file = None


def load():
    """The recipe that the runner names, as a module; children that unpickle objects of its classes find it by name."""
    import importlib.util

    path = os.environ.get("CANIFORK_RECIPE")
    if not path:
        return None  # the questions are only listed
    name = "canifork_recipe_" + os.path.splitext(os.path.basename(path))[0]
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


def answer_signals():
    """Print the stacks of all threads into a file on SIGUSR1; a forked child goes on doing so."""
    global _stack_file
    if hasattr(faulthandler, "register"):
        _stack_file = open(scratch("scratch-stacks"), "ab")
        faulthandler.register(signal.SIGUSR1, file=_stack_file, all_threads=True)


# --- the recipe's object


def made(recipe):
    """A new object of the recipe; it gets the server's address if the recipe has one."""
    if hasattr(recipe, "serve"):
        return recipe.make(os.environ["CANIFORK_SERVER"])
    return recipe.make()


def check(recipe, thing):
    """Use the object in the parent; what fails there is a fault of the recipe or its environment, and no answer."""
    seen = recipe.use(thing)
    if seen is not True:
        raise RuntimeError("in the parent, where nothing was forked, use() returned %.200r and not True" % (seen,))


class Server:
    """The recipe's server, if it has one, in a process of its own as long as the block lasts."""

    def __init__(self, recipe, script):
        self.needed = hasattr(recipe, "serve")
        self.script = script
        self.process = None

    def __enter__(self):
        if not self.needed:
            return
        import subprocess

        path = scratch("scratch-address-%d" % os.getpid())  # by hand the folder is not private
        self.process = subprocess.Popen([sys.executable, self.script, "--serve", path])
        end = time.monotonic() + LIMIT
        while not os.path.exists(path):
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError("the recipe's server did not start")
            time.sleep(0.01)  # between two looks
        with open(path) as file:
            os.environ["CANIFORK_SERVER"] = file.read()

    def __exit__(self, *error):
        if self.process:
            self.process.kill()
            self.process.wait()


def serve(recipe, path):
    """Run the recipe's server until it is killed; it says its address once it listens."""

    def ready(address):
        with open(path + ".part", "w") as file:
            file.write(address)
        os.replace(path + ".part", path)

    recipe.serve(ready)


# --- a child, and how it went


class Outcome:
    """How a child went: one of the words above, what it said, and the stacks of one that hung."""

    def __init__(self, word, detail="", stacks=""):
        self.word = word
        self.detail = detail
        self.stacks = stacks


def answered(report, function, args):
    """The target of every child: what function(*args) returns or raises."""
    try:
        answer(report, ["returned", function(*args)])
    except Exception as error:
        answer(report, ["raised", describe(error)])


def in_child(ctx, function, *args, **options):
    """Start a child, let it run function(*args), which returns True if all is right, and say how it went.

    passing: its arguments are what is asked about, so that a refusal to send them is an answer.
    meanwhile: called in the parent while the child runs. brief: do not take the stacks of one that hangs.
    """
    passing = options.pop("passing", False)
    brief = options.pop("brief", False)
    meanwhile = options.pop("meanwhile", None)
    assert not options, options
    watched = []

    def make(report):
        watched.append(Watch(ctx.Process(target=answered, args=(report, function, args)), brief))
        return watched[0].process

    def watch():
        if meanwhile is not None:
            meanwhile()
        watched[0].until_ended()

    seen = run_process(make, meanwhile=watch)
    if watched and watched[0].hung:
        return Outcome(HANGS, watched[0].where(), watched[0].stacks)
    return _told(ctx, seen, passing)


def _told(ctx, seen, passing):
    """The outcome of a child that has ended, or could not be started."""
    if seen.stage == "start":
        if passing:
            return Outcome(REFUSED, seen.error)
        raise_if_unavailable(ctx, seen)
        raise RuntimeError("start() raised " + seen.error)
    if seen.stage == "child":
        if passing and seen.exitcode == 1:
            return Outcome(REFUSED, "in the child: " + seen.error)
        return Outcome(CRASHES, _how(seen.exitcode, seen.error))
    kind, said = seen.returned or ("raised", seen.error)
    if kind == "raised":
        return Outcome(RAISES, said)
    if seen.exitcode != 0:
        return Outcome(CRASHES, "at its end: " + _how(seen.exitcode, last_error(seen.stderr)))
    return Outcome(WORKS) if said is True else Outcome(WRONG, stable("it got %r" % (said,)))


def _how(code, error):
    """'SIGSEGV' or 'exit code 3: SomeError: …'."""
    if code is not None and code < 0:
        try:
            return signal.Signals(-code).name
        except ValueError:
            return "signal %d" % -code
    return "exit code %r%s" % (code, ": " + error if error else "")


class Watch:
    """Waits for a child; notices when it does not end though it waits or loops, and takes its stacks twice."""

    def __init__(self, process, brief):
        self.process = process
        self.brief = brief
        self.hung = False
        self.stacks = ""

    def until_ended(self):
        """Wait until the child has ended, or hangs and was killed."""
        start = moved = time.monotonic()
        before = -1.0
        while True:
            self.process.join(0.1)
            now = time.monotonic()
            if self.process.exitcode is not None:
                return
            spent, waits = cpu(self.process.pid)
            if spent - before > 0.02 or not waits:
                before, moved = spent, now
            if now - moved > QUIET or (spent > SPIN and now - start > PATIENCE / 4):
                break
            if now - start > PATIENCE:
                raise RuntimeError("the child still computes after %g s: the machine is too busy" % PATIENCE)
        self.hung = True
        if not self.brief:
            self.stacks = self.evidence(before)
        self.process.kill()
        self.process.join()

    def evidence(self, before):
        """The child's stacks, with what shows that it does not move. before: seconds of CPU time that it had used."""
        first = self.ask()
        time.sleep(0.5)  # between two looks: a child that goes on would be elsewhere
        second = self.ask()
        spent = cpu(self.process.pid)[0] - before
        same = "the same" if first == second else "not the same"
        return "%s\n[0.5 s later: %s; %.2f s of CPU time since it was last seen to move]" % (
            second or first,
            same,
            spent,
        )

    def ask(self):
        """The stacks of the child's threads."""
        if _stack_file is None:
            return ""
        path = scratch("scratch-stacks")
        start = os.path.getsize(path)
        os.kill(self.process.pid, signal.SIGUSR1)
        end = time.monotonic() + 1
        while os.path.getsize(path) == start and time.monotonic() < end:
            time.sleep(0.01)  # between two looks
        time.sleep(0.05)  # until the last thread is written
        with open(path, "rb") as file:
            file.seek(start)
            return stable_stack(file.read().decode("utf-8", "backslashreplace"))

    def where(self):
        """The innermost Python function of the child's main thread: 'in collect, frame.py'."""
        lines = [line.strip() for line in self.stacks.splitlines() if line.strip().startswith("File ")]
        if not lines:
            return "no Python stack"
        words = lines[0].split('"')
        return "in %s, %s" % (words[2].rpartition(" in ")[2], os.path.basename(words[1]))


def stable_stack(text):
    """Stacks without thread identities and the folders of this machine."""
    import re

    text = re.sub(r"0x[0-9a-f]+", "0x…", text)
    for folder in (sys.prefix, sys.base_prefix):
        text = text.replace(folder, "…")
    return "\n".join(line for line in text.splitlines() if line.strip())


def cpu(pid):
    """(seconds of CPU time, whether it waits) of a process; (0, True) where the system does not say."""
    try:
        with open("/proc/%d/stat" % pid, "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
    except OSError:
        return 0.0, True
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), fields[0] not in (b"R", b"D")
