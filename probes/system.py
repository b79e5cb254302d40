"""Which attributes that the operating system keeps for each process reach a child?"""

import os

from _probe import main, no, question, run_child, unavailable, yes
from _tasks import inherited, mask

NEWS = "https://docs.python.org/3.13/whatsnew/changelog.html#python-3-13-2-final"
SIGNAL_DOC = "https://man7.org/linux/man-pages/man7/signal.7.html"

KERNEL = "The operating system hands it on, so it depends on who starts the child, and when."


@question(
    "Does a child have the umask that the parent set before the first start()?",
    why=KERNEL,
    do="Set it before the first start; the fork server keeps the one it was started with.",
    source="https://man7.org/linux/man-pages/man2/umask.2.html",
    documented={'sys_platform == "linux"': "yes"},
    asked=("os.umask() in child process",),
)
def umask(ctx):
    if os.name == "nt":
        return unavailable("Windows has no such mask")
    os.umask(0o027)
    return inherited(ctx, 0o027, mask)


def nice_value():
    """The nice value."""
    return os.nice(0)


@question(
    "Does a child have the nice value that the parent set before the first start()?",
    why=KERNEL,
    do="Set it before the first start, or in the child.",
    source="https://man7.org/linux/man-pages/man2/getpriority.2.html",
    documented={'sys_platform == "linux"': "yes"},
    asked=("os.nice() child process priority",),
)
def nice(ctx):
    if not hasattr(os, "nice"):
        return unavailable("no os.nice here")
    before = os.nice(0)
    if os.nice(1) == before:
        return unavailable("the nice value cannot be raised")
    return inherited(ctx, before + 1, nice_value)


def limit():
    """The limit of core files."""
    import resource

    return list(resource.getrlimit(resource.RLIMIT_CORE))


@question(
    "Does a child have the RLIMIT_CORE that the parent set before the first start()?",
    why=KERNEL,
    do="Set limits before the first start, or in the child: resource.setrlimit(resource.RLIMIT_AS, …) in the target "
    "limits its memory, and what goes beyond raises MemoryError.",
    source="https://man7.org/linux/man-pages/man2/getrlimit.2.html",
    documented={'sys_platform == "linux"': "yes"},
    asked=("resource.setrlimit() and multiprocessing",),
)
def resource_limit(ctx):
    try:
        import resource
    except ImportError:
        return unavailable("no module resource here")
    before, hard = resource.getrlimit(resource.RLIMIT_CORE)
    fitting = [soft for soft in (4096, 2048, 0) if soft != before and (hard == resource.RLIM_INFINITY or soft <= hard)]
    if not fitting:
        return unavailable("the limit cannot be changed")
    resource.setrlimit(resource.RLIMIT_CORE, (fitting[0], hard))
    return inherited(ctx, [fitting[0], hard], limit)


def processors():
    """The processors that this process may use."""
    return sorted(os.sched_getaffinity(0))


@question(
    "Does a child have the CPU affinity that the parent set before the first start()?",
    why="The operating system hands it on, so it depends on who starts the child, and when. A library that binds the "
    "program to one processor, as a BLAS library can when it is imported, binds its children too.",
    do="Set it before the first start, or in the child: os.sched_setaffinity(0, …) in the target, or in the "
    "initializer of a pool.",
    source="https://man7.org/linux/man-pages/man2/sched_setaffinity.2.html",
    documented={'sys_platform == "linux"': "yes"},
    asked=("os.sched_setaffinity() and multiprocessing", "all workers run on one core"),
)
def affinity(ctx):
    if not hasattr(os, "sched_setaffinity"):
        return unavailable("no os.sched_setaffinity here")
    allowed = processors()
    if len(allowed) < 2:
        return unavailable("there is only one processor")
    os.sched_setaffinity(0, allowed[:1])
    return inherited(ctx, allowed[:1], processors)


def groups():
    """Session and process group."""
    return [os.getsid(0), os.getpgrp()]


@question(
    "Is a child in the session and process group of its parent?",
    why="Ctrl+C reaches the whole group, and os.killpg() ends it.",
    do="Call os.setsid() in a child that must not get the terminal's signals.",
    source="https://man7.org/linux/man-pages/man7/credentials.7.html",
    documented={'sys_platform == "linux"': "yes"},
    asked=(
        "Ctrl+C kills the child processes as well",
        "process group of multiprocessing children",
        "graceful shutdown of worker processes",
    ),
)
def process_group(ctx):
    if not hasattr(os, "getsid"):
        return unavailable("no sessions here")
    return inherited(ctx, groups(), groups)


def disposition(number):
    """What happens on a signal: 'default', 'ignored' or 'handler'."""
    import signal

    found = signal.getsignal(number)
    return {signal.SIG_DFL: "default", signal.SIG_IGN: "ignored"}.get(found, "handler")


def handle(number, frame):
    """A signal handler."""


@question(
    "Does a child have the SIGTERM handler that the parent installed?",
    why="A handler that cleans up for the parent also runs in each child that has it.",
    do="Install or reset handlers in the target. Until then a signal meets the old one: block it around start(), with "
    "signal.pthread_sigmask(), and unblock it in the target.",
    source=SIGNAL_DOC,
    documented={"fork": "yes", 'sys_platform == "linux"': "no"},
    asked=("signal handler runs in child process too", "SIGTERM handler inherited by multiprocessing child"),
    wanted="either",
)
def signal_handler(ctx):
    import signal

    signal.signal(signal.SIGTERM, handle)
    return inherited(ctx, "handler", disposition, int(signal.SIGTERM))


@question(
    "Does a child ignore a signal (SIGUSR1) that the parent ignored before the first start()?",
    why="SIG_IGN survives the start of a new program, unlike a handler.",
    do="Call signal.signal(number, signal.SIG_DFL) in the target if the signal should end the child.",
    source=SIGNAL_DOC,
    documented={'sys_platform == "linux"': "yes"},
    asked=("child ignores SIGTERM", "Process.terminate() has no effect"),
)
def ignored_signal(ctx):
    import signal

    if not hasattr(signal, "SIGUSR1"):
        return unavailable("no SIGUSR1 here")
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    seen = run_child(ctx, survive)  # asking is not enough: PyPy answers "default" for what it has not set itself
    if seen.ok and seen.returned is True:
        return yes()
    if seen.stage == "child" and seen.exitcode == -signal.SIGUSR1:
        return no("the signal ended the child")
    raise RuntimeError(seen.why_not())


def survive():
    """Send this process a signal that ends whoever does not ignore it."""
    import signal

    os.kill(os.getpid(), signal.SIGUSR1)
    return True


def blocked(number):
    """Whether a signal is blocked."""
    import signal

    return number in [int(item) for item in signal.pthread_sigmask(signal.SIG_BLOCK, [])]


@question(
    "Is a signal (SIGUSR1) that the parent blocked before the first start() blocked in a child?",
    why="The signal mask survives the start of a new program.",
    do="Unblock it in the target with signal.pthread_sigmask().",
    source=SIGNAL_DOC,
    documented={'sys_platform == "linux"': "yes"},
    asked=("blocked signals in child process",),
)
def signal_mask(ctx):
    import signal

    if not hasattr(signal, "pthread_sigmask"):
        return unavailable("no signal masks here")
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
    return inherited(ctx, True, blocked, int(signal.SIGUSR1))


@question(
    "Does the parent keep SIGINT and SIGTERM blocked over its first start()?",
    why="A program that blocks them, to handle them in one place, is interrupted nevertheless.",
    do="Block the signals again after the first start, or use Python 3.12.9, 3.13.2 or later.",
    source=NEWS,
    documented={
        'python_full_version >= "3.13.2"': "yes",
        'python_version == "3.12" and python_full_version >= "3.12.9"': "yes",
    },
    asked=("SIGINT unblocked after starting the resource tracker",),
)
def parent_signal_mask(ctx):
    import signal

    if not hasattr(signal, "pthread_sigmask"):
        return unavailable("no signal masks here")
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT, signal.SIGTERM])
    seen = run_child(ctx, nothing)
    if not seen.ok:
        raise RuntimeError(seen.why_not())
    kept = blocked(signal.SIGINT) and blocked(signal.SIGTERM)
    return yes() if kept else no("they are unblocked after start()")


def nothing():
    """Something to do in a child."""
    return True


if __name__ == "__main__":
    main()
