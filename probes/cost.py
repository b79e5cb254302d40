"""What does it cost to start a process?"""

import os
import sys

from _probe import (
    Unavailable,
    do_nothing,
    main,
    processes,
    question,
    raise_if_unavailable,
    run_child,
    run_script,
    scratch,
    value,
)

METHODS_DOC = "https://docs.python.org/3/library/multiprocessing.html#contexts-and-start-methods"
START_DOC = METHODS_DOC  # the same section says which method is slow


LEFT = "CANIFORK_LEFT_OUT"  # the environment variable that says what leave_foreign_files() has left out


def foreign_files():
    """Names of files that run code at every start of this interpreter and are no part of Python or its distribution.

    They are .pth files with a line that is run, and the modules sitecustomize and usercustomize. One package in
    site-packages can double the cost of a start.
    """
    site = sys.modules.get("site")
    if site is None or not hasattr(site, "getsitepackages"):
        return []
    library = os.path.dirname(os.__file__)
    custom = [sys.modules[name].__file__ for name in ("sitecustomize", "usercustomize") if name in sys.modules]
    found = [os.path.basename(path) for path in custom if os.path.dirname(path) != library]
    folders = site.getsitepackages() + ([site.getusersitepackages()] if site.ENABLE_USER_SITE else [])
    for folder in filter(os.path.isdir, folders):
        found += [name for name in sorted(os.listdir(folder)) if name.endswith(".pth") and runs(folder, name)]
    return found


def runs(folder, name):
    """Whether a .pth file has a line that is run."""
    with open(os.path.join(folder, name), "rb") as file:
        return any(line.startswith((b"import ", b"import\t")) for line in file)


def leave_foreign_files():
    """Go on as the same interpreter in a virtual environment without packages, where foreign files would run."""
    names = foreign_files()
    if not names or LEFT in os.environ or os.name == "nt" or "--list" in sys.argv:
        return
    folder = scratch("clean-%d" % os.getpid())
    python = os.path.join(folder, "bin", "python")
    real = os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)
    os.makedirs(os.path.dirname(python))
    os.symlink(real, python)
    with open(os.path.join(folder, "pyvenv.cfg"), "w") as file:
        file.write("home = %s\ninclude-system-site-packages = false\n" % os.path.dirname(real))
    os.environ[LEFT] = ", ".join(names)
    os.execv(python, [python] + sys.argv)


def cost(number, **observed):
    """A measured number as the answer; Unavailable where other people's files would count as Python's cost."""
    names = foreign_files()
    if names:
        raise Unavailable("%s run at every start of this interpreter" % ", ".join(names))
    left = os.environ.get(LEFT)
    return value(number, "without %s" % left if left else "", **observed)


def rounded(number):
    """Four significant digits: more would be noise."""
    return float("%.4g" % number)


def spread(samples):
    """The median of measured times as the answer, with its evidence."""
    ordered = sorted(samples)
    middle = len(ordered) // 2
    median = ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
    return cost(
        rounded(median),
        samples=[rounded(sample) for sample in samples],
        low=rounded(ordered[0]),
        high=rounded(ordered[-1]),
        n=len(ordered),
    )


def timed(ctx, *args):
    """Seconds from start() to the end of join(), for a child that does nothing."""
    from time import perf_counter

    before = perf_counter()
    process = ctx.Process(target=ignore if args else do_nothing, args=args)
    process.start()
    process.join()
    after = perf_counter()
    if process.exitcode != 0:
        raise RuntimeError("the child ended with exit code %r" % process.exitcode)
    return after - before


def ignore(argument):
    """A target that gets an argument and does nothing with it."""


def repeated(measure, most=9, least=3, seconds=1.5):
    """Measurements: as many as fit into the time, within limits."""
    samples = []
    while len(samples) < least or (len(samples) < most and sum(samples) < seconds):
        samples.append(measure())
    return samples


@question(
    "How long does it take to start and join a Process that does nothing?",
    why="It decides how small a task may be and still be worth a process of its own. The helper processes are "
    "running already here.",
    do="Start few processes and reuse them, as Pool and ProcessPoolExecutor do.",
    source=START_DOC,
    methods=("fork", "spawn", "forkserver"),
    asked=("Why is spawn slow?", "Is fork faster than spawn?", "multiprocessing start-up time"),
    exclusive=True,
    unit="seconds",
    measured=True,
)
def start_time(ctx):
    timed(ctx)  # the first start also starts the helpers
    return spread(repeated(lambda: timed(ctx)))


@question(
    "How long does the first start of a Process take, with its helpers?",
    why="A program that starts one process also pays for the fork server and the resource tracker.",
    do="Start one process early, where the delay does not matter.",
    source=START_DOC,
    asked=("first Process.start() is slow with forkserver",),
    exclusive=True,
    unit="seconds",
    measured=True,
)
def first_start_time(ctx):
    def once():
        script = run_script("cost_first.py", env={"CANIFORK_METHOD": ctx.get_start_method()})
        seconds, _, code = script.stdout.partition(" ")
        if script.status != 0 or code.strip() != "0":
            raise RuntimeError(script.stderr[-500:] or "exit code %s" % code)
        return float(seconds)

    raise_if_unavailable(ctx, run_child(ctx, do_nothing))
    return spread(repeated(once, most=7))


@question(
    "How long does it take to start and join a Process with a 16 MiB argument?",
    why="fork copies nothing; the other methods pickle every argument and send it through a pipe.",
    do="Pass a file name or a SharedMemory block instead of the data.",
    source="https://docs.python.org/3/library/multiprocessing.html#the-spawn-and-forkserver-start-methods",
    asked=("passing a large array to a Process is slow",),
    exclusive=True,
    unit="seconds",
    measured=True,
)
def argument_time(ctx):
    data = bytes(16 << 20)
    timed(ctx)
    return spread(repeated(lambda: timed(ctx, data), most=5))


def private_memory(pid="self"):
    """Bytes that no other process shares with this one."""
    if os.name == "nt":  # under Wine there is the /proc of another system
        raise Unavailable("no /proc/PID/smaps_rollup here")
    try:
        with open("/proc/%s/smaps_rollup" % pid) as file:
            rows = [line.split() for line in file]
    except OSError:
        raise Unavailable("no /proc/PID/smaps_rollup here")
    return sum(int(row[1]) * 1024 for row in rows if row[0] in ("Private_Clean:", "Private_Dirty:"))


def own_memory():
    """What a child can say of its memory, or None."""
    try:
        return private_memory()
    except Unavailable:
        return None


def mebibytes(number):
    return rounded(number / (1 << 20))


@question(
    "How much private memory does a child use that does nothing?",
    why="It is what each further worker costs; memory shared with the parent or the fork server is not counted. Linux "
    "that may not overcommit counts it all the same, and refuses to fork a large program: Cannot allocate memory.",
    do="Preload in the fork server what all workers import, use fewer workers, or start them before the program has "
    "grown.",
    source=START_DOC,
    asked=("memory per worker of a Pool", "Does spawn use more memory than fork?"),
    exclusive=True,
    unit="MiB",
    measured=True,
)
def child_memory(ctx):
    samples = []
    for _ in range(3):
        seen = run_child(ctx, own_memory)
        if not seen.ok:
            raise RuntimeError(seen.why_not())
        if seen.returned is None:
            raise Unavailable("no /proc/PID/smaps_rollup here")
        samples.append(mebibytes(seen.returned))
    return cost(sorted(samples)[1], samples=samples, n=len(samples))


@question(
    "How much private memory do the helper processes use?",
    why="The fork server and the resource tracker are interpreters of their own and run until the program ends.",
    do="Include them when memory is short; fork needs none on Linux.",
    source=START_DOC,
    asked=("memory of the resource_tracker process",),
    exclusive=True,
    unit="MiB",
    measured=True,
)
def helper_memory(ctx):
    timed(ctx)
    if own_memory() is None:
        raise Unavailable("no /proc/PID/smaps_rollup here")
    pids = [pid for pid, (parent, _) in processes().items() if parent == os.getpid()]
    sizes = [mebibytes(private_memory(pid)) for pid in pids]
    return cost(rounded(sum(sizes)), sizes=sizes)


def scripts_time(code):
    """Seconds that an interpreter needs for a line of code, several times."""
    from time import perf_counter

    def once():
        before = perf_counter()
        script = run_script(code, flags=["-c"])
        if script.status != 0:
            raise RuntimeError(script.stderr[-500:])
        return perf_counter() - before

    once()  # reads the files into the cache
    return repeated(once, most=7)


@question(
    "How long does python -c pass take?",
    why="A spawned process cannot start faster than that. Measured by the program that starts it and waits. What "
    "packages run at every start (.pth files) is left out here and in all costs, and named.",
    do="Compare it with the time of spawn: the rest is the import of multiprocessing and of your main script.",
    source="https://docs.python.org/3/using/cmdline.html#cmdoption-c",
    methods=(),
    asked=("python startup time",),
    exclusive=True,
    unit="seconds",
    measured=True,
)
def interpreter_time():
    return spread(scripts_time("pass"))


@question(
    "How long does import multiprocessing take?",
    why="Every spawned process imports it again. Measured inside a new interpreter, which has imported time only.",
    do="Nothing; the modules of your own program usually take longer.",
    source=START_DOC,
    methods=(),
    asked=("import multiprocessing slow",),
    exclusive=True,
    unit="seconds",
    measured=True,
)
def import_time():
    code = "from time import perf_counter as now; t = now(); import multiprocessing; print(now() - t)"

    def once():
        script = run_script(code, flags=["-c"])
        if script.status != 0:
            raise RuntimeError(script.stderr[-500:])
        return float(script.stdout)

    once()
    return spread([once() for _ in range(5)])


def hold(mebibytes):
    """Memory of that size, every page of it written."""
    return [bytearray(b"x" * (1 << 20)) for _ in range(mebibytes)]


def with_held(ctx, mebibytes):
    """The time of a start from a parent that holds so much memory, with the time that it takes without as evidence."""
    timed(ctx)
    without = spread(repeated(lambda: timed(ctx)))
    held = hold(mebibytes)
    found = spread(repeated(lambda: timed(ctx)))
    del held
    return cost(found.value, without=without.value, **found.observed)


@question(
    "How long does it take to start and join a Process from a parent that holds 64 MiB of memory?",
    why="fork copies the parent's page tables, whose size grows with its memory, and not the memory; what the parent "
    "holds is nothing to the other methods. The evidence has the time of the same parent before it took the memory.",
    do="Start processes before the data is loaded, or use forkserver.",
    source=METHODS_DOC,
    asked=("fork is slow with a large parent", "os.fork slow when parent uses much memory"),
    exclusive=True,
    unit="seconds",
    measured=True,
)
def parent_of_64_mib_time(ctx):
    return with_held(ctx, 64)


@question(
    "How long does it take to start and join a Process from a parent that holds 512 MiB of memory?",
    why="fork copies the parent's page tables, whose size grows with its memory, and not the memory; what the parent "
    "holds is nothing to the other methods. The evidence has the time of the same parent before it took the memory.",
    do="Start processes before the data is loaded, or use forkserver.",
    source=METHODS_DOC,
    asked=("fork of a process with gigabytes of memory takes long", "page tables copy fork time"),
    exclusive=True,
    unit="seconds",
    measured=True,
)
def parent_of_512_mib_time(ctx):
    return with_held(ctx, 512)


def of_imports(ctx, **env):
    """What the script with many imports says of its children."""
    import json

    raise_if_unavailable(ctx, run_child(ctx, do_nothing))
    script = run_script("cost_imports.py", env=dict(env, CANIFORK_METHOD=ctx.get_start_method()))
    if script.status != 0:
        raise RuntimeError(script.stderr[-500:])
    return json.loads(script.stdout)


@question(
    "How long does it take to start and join a Process if the main script imports 24 modules of the standard library?",
    why="A spawned child imports the main script again, with all that it imports. A child of the fork server does so "
    "too, unless the server has imported it.",
    do="Import what only the parent needs inside of functions; under forkserver preload what the children need.",
    source="https://docs.python.org/3/library/multiprocessing.html#the-spawn-and-forkserver-start-methods",
    asked=("child processes import everything again slow", "spawn slow with pandas imported at the top of the script"),
    exclusive=True,
    unit="seconds",
    measured=True,
)
def imports_time(ctx):
    return spread(of_imports(ctx)["samples"])


@question(
    "How long does it take to start and join a Process if the fork server preloads the 24 modules that the main script "
    "imports?",
    why="The server imports them once, and its children are forked with them. Compare with the question on 24 modules "
    "that are not preloaded.",
    do="Call set_forkserver_preload() before the first process is started. Its list replaces the default, "
    "['__main__']: name that too.",
    source="https://docs.python.org/3/library/multiprocessing.html#multiprocessing.set_forkserver_preload",
    methods=("forkserver",),
    asked=("set_forkserver_preload speed", "forkserver preload pandas faster start"),
    exclusive=True,
    unit="seconds",
    measured=True,
)
def preloaded_imports_time(ctx):
    return spread(of_imports(ctx, CANIFORK_PRELOAD="yes")["samples"])


@question(
    "How much private memory does a child use if the main script imports 24 modules of the standard library?",
    why="A child that imports the main script again has the modules once more; a forked one shares them with the "
    "parent until one of the two writes.",
    do="Import what only the parent needs inside of functions; under forkserver preload what the children need.",
    source=METHODS_DOC,
    asked=("every worker imports all modules memory", "memory of spawn workers with large imports"),
    exclusive=True,
    unit="MiB",
    measured=True,
)
def imports_memory(ctx):
    kibibytes = of_imports(ctx)["kibibytes"]
    if kibibytes is None:
        raise Unavailable("no /proc/PID/smaps_rollup here")
    return cost(rounded(kibibytes / 1024))


TEXTS = []  # what a forked child finds here


def memory_after_reading(texts):
    """What a child can say of its memory after it has looked at each text, or None."""
    seen = 0
    for text in texts or TEXTS:
        seen += len(text)
    return seen, own_memory()


@question(
    "How much private memory does a child use that has read 500,000 strings of the parent?",
    why="A forked child shares them until it reads: each look changes an object's reference count, so the page is "
    "copied. Under the other methods they are an argument, and the child has its own.",
    do="Keep large data in an array, a file or SharedMemory instead of many objects.",
    source=METHODS_DOC,
    asked=("copy-on-write lost by reference counts", "memory grows when forked workers only read a list"),
    exclusive=True,
    unit="MiB",
    measured=True,
)
def reading_memory(ctx):
    texts = [str(number) for number in range(1_000_000, 1_500_000)]
    inherited = ctx.get_start_method() == "fork"
    TEXTS[:] = texts if inherited else []
    seen = run_child(ctx, memory_after_reading, None if inherited else texts)
    raise_if_unavailable(ctx, seen)
    if not seen.ok:
        raise RuntimeError(seen.why_not())
    length, size = seen.returned
    if length != 7 * len(texts):
        raise RuntimeError("the child has read %d characters" % length)
    if size is None:
        raise Unavailable("no /proc/PID/smaps_rollup here")
    return cost(mebibytes(size))


if __name__ == "__main__":
    leave_foreign_files()
    main()
    if LEFT in os.environ:
        import shutil

        shutil.rmtree(sys.prefix)
