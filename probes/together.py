"""What happens where processes meet programs, servers, databases, event loops, logs and managers?"""

import os
import sys

from _calls import Call
from _modules import needed
from _os_fork import forked, patient
from _places import place
from _probe import (
    LIMIT,
    describe,
    last_error,
    main,
    no,
    processes,
    question,
    raise_unexpected,
    run_child,
    run_script,
    unavailable,
    value,
    wait_until,
    yes,
)
from _tasks import executor, note, pid, wait_for

REFERENCE = "https://docs.python.org/3/library/multiprocessing.html#multiprocessing."
SIGNAL = "https://docs.python.org/3/library/signal.html"

# --- programs, and signals that end one process of several


def stay_beside(path):
    """The daemonic child: it waits until its parent has ended, and says that it goes on."""
    note(path + ".here", str(os.getpid()))
    wait_for(path)
    note(path + ".alive", "")


def leave(*_):
    """A handler of SIGTERM, as many programs have."""
    sys.exit(0)


def program(method, path, handled):
    """The program that gets SIGTERM: it has a daemonic child."""
    import multiprocessing
    import signal
    import tempfile

    tempfile.tempdir = os.path.dirname(path)  # who is ended by a signal cannot remove what multiprocessing keeps there
    signal.signal(signal.SIGTERM, leave if handled else signal.SIG_DFL)
    multiprocessing.get_context(method).Process(target=stay_beside, args=(path,), daemon=True).start()
    note(path + ".started", "")  # not before: a signal during start() finds no child to end
    wait_for(path + ".never")


def ends_with_program(ctx, handled):
    """Answer whether the daemonic child of a program ends when the program gets SIGTERM."""
    if os.name == "nt":
        return unavailable("terminate() sends no signal there")
    processes()  # Unavailable where nobody lists them
    path = place("ended")
    process = ctx.Process(target=program, args=(ctx.get_start_method(), path, handled))
    process.start()
    if not wait_until(lambda: all(os.path.exists(path + end) for end in (".here", ".started")), LIMIT):
        raise RuntimeError("the child does not begin; the program's exit code is %r" % process.exitcode)
    with open(path + ".here") as file:
        child = int(file.read())
    process.terminate()
    process.join()
    if process.exitcode != (0 if handled else -15):
        raise RuntimeError("the program ended with %r" % process.exitcode)
    note(path, "")
    if not wait_until(lambda: os.path.exists(path + ".alive") or child not in processes(), LIMIT):
        raise RuntimeError("the child neither goes on nor ends")
    return no("it runs on") if os.path.exists(path + ".alive") else yes()


@question(
    "Does a daemonic child end when SIGTERM ends the program that started it (no handler)?",
    why="Only a program that ends in good order terminates its daemonic children. SIGTERM, as kill, docker stop and "
    "systemd send it, ends a program without handler at once: the children run on. The program is itself a child "
    "process here.",
    do="Install a SIGTERM handler that calls sys.exit(); or let all children watch parent_process().sentinel (under "
    "fork, it becomes ready only when all children that were forked later have ended too).",
    source=REFERENCE + "Process.daemon",
    asked=(
        "daemon=True child process keeps running after kill of the parent",
        "docker stop, SIGTERM, child processes of multiprocessing survive",
        "kill main process does not kill daemonic children",
    ),
)
def daemon_at_sigterm(ctx):
    return ends_with_program(ctx, False)


@question(
    "Does a daemonic child end if its program's SIGTERM handler calls sys.exit()?",
    why="The handler makes the signal an ordinary end of the program, which terminates daemonic children. The program "
    "is itself a child process here.",
    do="Nothing if yes; where children need time, tell them to end, and join() them in the handler before sys.exit().",
    source=REFERENCE + "Process.daemon",
    documented={'sys_platform != "win32"': "yes"},
    asked=(
        "graceful shutdown of multiprocessing children with SIGTERM handler",
        "signal handler sys.exit() daemonic processes",
    ),
)
def daemon_at_exit_handler(ctx):
    return ends_with_program(ctx, True)


def ignores_interrupt():
    """Send this process SIGINT, which ends whoever does not ignore it; asking is not enough under PyPy."""
    import signal

    os.kill(os.getpid(), signal.SIGINT)
    for _ in range(1000):  # between two of these, a signal is noticed
        pass
    return True


@question(
    "Does a child ignore SIGINT if its parent ignores it only during this start(), and has started a child before "
    "without ignoring it?",
    why="Programs protect their workers from Ctrl+C in this way. The fork server takes the setting at its own start: "
    "what the parent sets for a later start() does not reach the child. If SIGINT was ignored at the first start, all "
    "later children of the fork server ignore it. A spawned PyPy sets SIGINT anew.",
    do="Ignore SIGINT in the target or in the initializer of the pool: signal.signal(signal.SIGINT, signal.SIG_IGN).",
    source=SIGNAL + "#signal.SIGINT",
    asked=(
        "signal.SIG_IGN before Pool() and restore afterwards",
        "prevent child processes from receiving Ctrl+C",
        "original_sigint_handler = signal.signal(signal.SIGINT, signal.SIG_IGN)",
    ),
)
def ignored_at_start(ctx):
    import signal

    if os.name == "nt":
        return unavailable("a process cannot be sent SIGINT there")
    signal.signal(signal.SIGINT, signal.default_int_handler)
    before = run_child(ctx, int)
    if not (before.ok and before.returned == 0):
        raise_unexpected(ctx, before)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    seen = run_child(ctx, ignores_interrupt)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if seen.ok and seen.returned is True:
        return yes()
    if seen.stage == "child" and seen.exitcode in (1, -signal.SIGINT) and "KeyboardInterrupt" in seen.stderr:
        return no("KeyboardInterrupt ends it")
    raise_unexpected(ctx, seen)


LATER = "import os, sys, time\nwhile not os.path.exists(sys.argv[1]): time.sleep(0.01)\nopen(sys.argv[2], 'w').close()"


def start_program(path, alive, here):
    """A child that runs a program by subprocess, and waits for it."""
    import subprocess

    process = subprocess.Popen([sys.executable, "-c", LATER, path, alive], stdin=subprocess.DEVNULL)
    note(here, str(process.pid))
    process.wait()


@question(
    "Does a program that a child runs with subprocess go on after the child's terminate()?",
    why="terminate() and kill() end one process, and nobody tells what it has started: the program runs on without "
    "parent, and keeps files, ports and pipes open. Pool.terminate() and timeouts do the same.",
    do="End the program in a SIGTERM handler of the child; or call os.setpgid(0, 0) in the child and os.killpg() in "
    "the parent.",
    source=REFERENCE + "Process.terminate",
    asked=(
        "terminate() does not kill subprocess of the child",
        "grandchildren keep running after Process.terminate()",
        "kill process and all its subprocesses",
    ),
    wanted="no",
)
def program_of_terminated(ctx):
    path, alive, here = place("go-on"), place("alive"), place("here")
    process = ctx.Process(target=start_program, args=(path, alive, here))
    process.start()
    if not wait_until(lambda: os.path.exists(here) or process.exitcode is not None, LIMIT):
        raise RuntimeError("the child does not begin")
    if process.exitcode is not None:
        raise RuntimeError("the child ended with %r" % process.exitcode)
    process.terminate()
    process.join()
    note(path, "")
    return yes() if wait_until(lambda: os.path.exists(alive), LIMIT) else no("it ends too")


@question(
    "Does subprocess.Popen tell the true returncode of a program if os.waitpid(-1, 0) elsewhere has taken its end?",
    why="os.wait() and os.waitpid(-1, …) take the end of any child, also of those that subprocess and multiprocessing "
    "wait for. Popen then has nothing to ask, and calls the program a success.",
    do="Wait for single processes: process.wait(), or os.waitpid() with the ID of a child of your own.",
    source="https://docs.python.org/3/library/os.html#os.waitpid",
    methods=(),
    asked=(
        "subprocess returncode is 0 although the program failed",
        "os.wait() in SIGCHLD handler and subprocess",
        "reap all children with os.waitpid(-1, os.WNOHANG) breaks Popen",
    ),
)
def status_taken():
    import subprocess

    if not hasattr(os, "waitpid") or os.name == "nt":
        return unavailable("there is no os.waitpid(-1, …)")
    try:
        process = subprocess.Popen([sys.executable, "-c", "raise SystemExit(3)"], stdin=subprocess.DEVNULL)
    except (OSError, ImportError) as error:
        return unavailable("no program can be started: %s" % describe(error))
    taken = os.waitpid(-1, 0)
    code = process.wait()
    if taken != (process.pid, 3 << 8) or code not in (0, 3):
        raise RuntimeError("%r was taken, returncode %r" % (taken, code))
    return yes() if code == 3 else no("returncode is 0; the program ended with 3")


@question(
    "Does a child run its target if the main script serves for ever at its top level, below the main guard?",
    why="A spawned child runs the main script again, all but the block of the main guard, before it runs its target. "
    "A call such as app.run() that stands outside of the guard never returns there. From Python 3.14 on the fork "
    "server itself runs it: start() never returns, and that server outlives the program.",
    do="Put everything that shall run once under if __name__ == '__main__':, the last call of the script too.",
    source="https://docs.python.org/3/library/multiprocessing.html#the-spawn-and-forkserver-start-methods",
    asked=(
        "app.run() starts twice with multiprocessing",
        "process.start() never runs target, server at the end of the script",
        "OSError: [Errno 98] Address already in use in a spawned child",
        "Process starts the web server again instead of the function",
    ),
    deadline=60,
)
def endless_main(ctx):
    folder = place()
    script = Call(lambda: run_script("together_serving.py", folder, ctx.get_start_method(), timeout=2 * LIMIT))
    worked, again = os.path.join(folder, "worked"), os.path.join(folder, "serving __mp_main__")
    wait_until(lambda: os.path.exists(worked) or os.path.exists(again) or script.ended.is_set(), LIMIT)
    answer = yes() if os.path.exists(worked) else no("it serves too")
    serves = os.path.exists(again)  # before the target could run
    note(os.path.join(folder, "stop"), "")
    ended = script.result()
    if serves == (answer.outcome == "yes"):
        raise RuntimeError("status %r: %s" % (ended.status, ended.stderr[-300:]))
    return answer


# --- servers, databases, event loops


@question(
    "Can a program commit its open SQLite transaction after a forked child has closed the inherited connection?",
    why="close() rolls an open transaction back: the child removes the journal that its parent needs. The parent's "
    "commit fails, and yet its rows may be in the file.",
    do="Open connections in the process that uses them; let a forked child touch no inherited one, not even to close "
    "it, and end it with os._exit().",
    source="https://www.sqlite.org/howtocorrupt.html#_carrying_an_open_database_across_a_fork_",
    methods=(),
    asked=(
        "sqlite3.OperationalError: disk I/O error after fork",
        "database is corrupt after os.fork() with an open SQLite connection",
        "close inherited sqlite connection in child process",
    ),
)
def transaction_of_parent():
    sqlite3 = needed("sqlite3")
    forked(str)  # Unavailable where there is none
    path = place("database")
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("create table data (number)")
    connection.execute("begin immediate")
    connection.execute("insert into data values (7)")
    told = forked(lambda: str(connection.close()), patient)
    if told != "None":
        raise RuntimeError("the child told %r" % told)
    try:
        connection.execute("commit")
    except sqlite3.OperationalError as error:
        return no(describe(error))
    finally:
        connection.close()
    other = sqlite3.connect(path)
    rows = other.execute("select number from data").fetchall()
    other.close()
    return yes() if rows == [(7,)] else no("the rows are %r" % (rows,))


@question(
    "Does a socketserver.ForkingTCPServer keep what the handler of one request stores in the server object?",
    why="Each request is handled in a forked child, which changes its own copy of the server: counters, caches and "
    "lists of clients stay as they were.",
    do="Use ThreadingTCPServer for common state, or a file, a database or a manager.",
    source="https://docs.python.org/3/library/socketserver.html#socketserver.ForkingMixIn",
    methods=(),
    asked=(
        "ForkingMixIn state is not shared between requests",
        "ForkingTCPServer variable not updated",
        "self.server attribute lost after request",
    ),
)
def forking_server():
    socket, socketserver = needed("socket"), needed("socketserver")
    forked(str)  # Unavailable where there is none

    class Count(socketserver.BaseRequestHandler):
        def handle(self):
            self.server.requests += 1
            self.request.sendall(b"%d" % self.server.requests)

    told = []
    with socketserver.ForkingTCPServer(("127.0.0.1", 0), Count) as server:
        server.requests = 0
        for _ in range(2):
            with socket.create_connection(server.server_address, LIMIT) as client:
                server.handle_request()
                told.append(client.recv(10))
    if told not in ([b"1", b"2"], [b"1", b"1"]):
        raise RuntimeError("it told %r" % told)
    return yes() if told == [b"1", b"2"] else no("each request finds the first value")


def greet(connection):
    """The child sends one message."""
    connection.send("hello")


@question(
    "Can an asyncio loop wait for a message of a child with loop.add_reader(connection.fileno(), …)?",
    why="recv() would stop the whole loop. On Windows the ends of a Pipe are no sockets, which is all that an event "
    "loop can watch there.",
    do="Where it cannot: await loop.run_in_executor(None, connection.recv), which waits in a thread. An Event or a "
    "Queue has nothing to watch: wait for event.wait or queue.get in the same way, with a timeout in each call, since "
    "the loop's end waits for the thread.",
    source="https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.add_reader",
    asked=(
        "asyncio and multiprocessing.Pipe, non-blocking recv",
        "await message from child process asyncio multiprocessing",
        "multiprocessing.Queue blocks the event loop",
    ),
)
def connection_in_loop(ctx):
    import asyncio

    reader, writer = ctx.Pipe(duplex=False)
    process = ctx.Process(target=greet, args=(writer,))

    async def run():
        ready = asyncio.Event()
        asyncio.get_running_loop().add_reader(reader.fileno(), ready.set)
        await asyncio.wait_for(ready.wait(), LIMIT)
        asyncio.get_running_loop().remove_reader(reader.fileno())

    process.start()
    try:
        asyncio.run(run())
    except NotImplementedError as error:
        return no(describe(error))
    finally:
        process.join()
    if reader.recv() != "hello":
        raise RuntimeError("something else came")
    return yes()


@question(
    "Can a ProcessPoolExecutor be the default executor of an asyncio loop (loop.set_default_executor())?",
    why="The default executor is for threads: asyncio.to_thread() uses it too, and what that sends cannot be pickled. "
    "On Python 3.8 asyncio.run() does not wait for it, and the program then mostly hangs at its end.",
    do="Name the executor in each call: await loop.run_in_executor(pool, function, …).",
    source="https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.set_default_executor",
    documented={'python_version >= "3.11"': "no"},
    methods=(),
    wanted="either",
    asked=(
        "TypeError: executor must be ThreadPoolExecutor instance",
        "asyncio.to_thread() with processes instead of threads",
        "set_default_executor ProcessPoolExecutor DeprecationWarning",
    ),
)
def default_executor():
    import asyncio
    import multiprocessing
    import warnings

    async def run(pool):
        loop = asyncio.get_running_loop()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # before 3.11
            loop.set_default_executor(pool)
        ran = await loop.run_in_executor(None, pid)
        pool.shutdown()  # else the loop's end does not wait for it, after which 3.8 can hang at the program's end
        return ran

    with executor(multiprocessing.get_context()) as pool:
        try:
            ran = asyncio.run(run(pool))
        except TypeError as error:
            return no(describe(error))
    if ran == os.getpid():
        raise RuntimeError("it ran in this process")
    return yes()


@question(
    "Does asyncio.run() return at once if wait_for() has given up run_in_executor(None, queue.get) of a "
    "multiprocessing.Queue?",
    why="The timeout ends the waiting in the loop, not the thread that waits in get(). asyncio.run() waits for its "
    "threads (from Python 3.9 on; later releases of 3.12 and what follows give up after five minutes), and so does "
    "the end of the program. If an item comes after all, that thread takes it, and it is lost.",
    do="Without wait_for(): let the coroutine repeat run_in_executor(None, queue.get, True, 1) until its own "
    "deadline, and catch queue.Empty. Or put one last item for each waiting thread before the coroutine returns.",
    source="https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.shutdown_default_executor",
    methods=(),
    asked=(
        "asyncio program hangs at exit, multiprocessing Queue.get in run_in_executor",
        "asyncio.wait_for queue.get timeout thread does not stop",
        "await multiprocessing.Event.wait() in a thread, Ctrl+C or timeout hangs",
    ),
)
def waiting_in_thread():
    import asyncio
    import multiprocessing

    queue, loops = multiprocessing.Queue(), []

    async def run():
        loops.append(asyncio.get_running_loop())
        try:
            await asyncio.wait_for(loops[0].run_in_executor(None, queue.get), 0.1)
        except asyncio.TimeoutError:
            return
        raise RuntimeError("something came")

    call = Call(lambda: asyncio.run(run()))
    wait_until(lambda: call.ended.is_set() or loops and getattr(loops[0], "_executor_shutdown_called", False), LIMIT)
    returned = call.ends()
    queue.put(7)  # it ends the thread
    call.result()
    return yes() if returned else no("it waits for the thread")


# --- logs and output


@question(
    "Does a child write multiprocessing's log to stderr after log_to_stderr(DEBUG) in its parent?",
    why="It tells what processes, queues and pools do when a program hangs. A logging configuration of one's own does "
    "not reach a spawned child; this one does.",
    do="Call it before start(), with the level as its argument, and once: a second call, also in a child, prints each "
    "line twice.",
    source=REFERENCE + "log_to_stderr",
    asked=(
        "multiprocessing.log_to_stderr() child process no output",
        "debug a hanging multiprocessing program with log_to_stderr",
    ),
)
def own_log(ctx):
    import logging
    import multiprocessing

    multiprocessing.log_to_stderr(logging.DEBUG)
    seen = run_child(ctx, int)
    if not (seen.ok and seen.returned == 0):
        raise_unexpected(ctx, seen)
    return yes() if "child process calling self.run()" in seen.stderr else no("nothing of the child")


@question(
    "Can the first record of multiprocessing's own DEBUG log go through QueueHandler(multiprocessing.Queue())?",
    why="The first put() starts a thread, and says so in this log, while it holds a lock that the next put() needs: "
    "the record of the record waits for ever. Python 3.13.4 and 3.13.5 drop it; 3.13.6 took that back (gh-91555). A "
    "root logger at DEBUG does not do it, since this log is not passed on.",
    do="Give multiprocessing.get_logger() the level INFO or higher, or a handler of its own.",
    source="https://docs.python.org/3/library/logging.handlers.html#logging.handlers.QueueHandler",
    documented={"*": "no"},
    methods=(),
    asked=(
        "QueueHandler with multiprocessing.get_logger() deadlock",
        "logging.DEBUG with QueueHandler and multiprocessing.Queue hangs",
    ),
)
def log_through_queue():
    import logging.handlers
    import multiprocessing

    queue, log = multiprocessing.Queue(), multiprocessing.get_logger()
    queue.cancel_join_thread()
    handler = logging.handlers.QueueHandler(queue)
    log.addHandler(handler)
    log.setLevel(logging.DEBUG)
    call = Call(lambda: log.debug("told"))
    returned = call.ends()
    log.removeHandler(handler)
    log.setLevel(logging.WARNING)
    if not returned:
        logging.raiseExceptions = False
        queue._notempty.release()  # which the thread holds, and waits for: the queue is of no use then
        call.result()
        return no("it waits for ever")
    told = queue.get(timeout=LIMIT).getMessage()
    if told != "told":
        raise RuntimeError("it logged %r" % told)
    return yes()


def print_to(path):
    """The child: print() goes to a file from now on, which is never closed."""
    sys.stdout = open(path, "w")
    print("told")
    return True


@question(
    "Does text reach a file that a child has assigned to sys.stdout, if nobody closes it?",
    why="A log file for each process is often made so. At its end a child flushes sys.stdout, whatever that is; a "
    "forked one flushes no other file.",
    do="Nothing if yes; print(…, flush=True) where the child may be killed.",
    source="https://github.com/python/cpython/blob/main/Lib/multiprocessing/util.py",
    asked=(
        "redirect stdout of each process to its own file",
        "sys.stdout = open(str(os.getpid()) + '.out', 'w') in child process",
        "log file of child process is empty",
    ),
)
def assigned_stdout(ctx):
    path = place("out")
    seen = run_child(ctx, print_to, path)
    if not (seen.ok and seen.returned is True):
        raise_unexpected(ctx, seen)
    with open(path) as file:
        told = file.read()
    if told not in ("told\n", ""):
        raise RuntimeError("the file has %r" % told)
    return yes() if told else no("the file is empty")


# --- process objects, locks of values


def start_it(process):
    """The child starts what its parent has made."""
    process.start()
    process.join()
    return process.exitcode


@question(
    "Can a child start a Process object that its parent has made?",
    why="A Process can be passed to a child before it is started, but belongs to the process that made it. An "
    "assertion checks this; under python -O it works.",
    do="Pass target and arguments, and make the Process in the child.",
    source="https://github.com/python/cpython/blob/main/Lib/multiprocessing/process.py",
    asked=("AssertionError: can only start a process object created by current process",),
)
def start_of_other(ctx):
    seen = run_child(ctx, start_it, ctx.Process(target=int))
    if seen.ok and seen.returned == 0:
        return yes()
    if seen.stage == "done" and seen.error.startswith("AssertionError"):
        return no(seen.error)
    raise_unexpected(ctx, seen)


@question(
    "Can a process take the lock of a Value twice, as 'with value.get_lock(): value.value += 1' does?",
    why="value.value takes the lock as well. The lock of a Value or Array is an RLock; with Value(…, lock=Lock()), "
    "the same line waits for ever.",
    do="Leave lock= out, or pass an RLock.",
    source=REFERENCE + "Value",
    documented={"*": "yes"},
    methods=(),
    asked=(
        "counter.get_lock() deadlock with value.value",
        "with value.get_lock(): value.value += 1 hangs",
    ),
)
def lock_of_value():
    import multiprocessing

    lock = multiprocessing.Value("i", 0).get_lock()
    with lock:
        if not lock.acquire(timeout=0.3):
            return no("acquire(timeout=0.3) fails")
        lock.release()
    return yes()


@question(
    "Do Pool(0) and ProcessPoolExecutor(0) raise ValueError?",
    why="os.cpu_count() - 1 is 0 on a machine with one processor, as small virtual machines have; so is "
    "os.process_cpu_count() - 1 where the program may use one only.",
    do="Write max(1, (os.cpu_count() or 2) - 1), and leave work to the program itself where no worker is wanted.",
    source=REFERENCE + "pool.Pool",
    documented={"*": "yes"},
    methods=(),
    wanted="either",
    asked=(
        "ValueError: Number of processes must be at least 1",
        "ValueError: max_workers must be greater than 0",
        "Pool(cpu_count() - 1) fails on a single-core machine",
        "processes=0 to run without multiprocessing",
    ),
)
def no_workers():
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    refusals = []
    for make in (multiprocessing.Pool, ProcessPoolExecutor):
        try:
            with make(0):
                return no("%s(0) raises nothing" % make.__name__)
        except ValueError as error:
            refusals.append(describe(error))
    return yes("; ".join(refusals))


def time_of(call):
    """The time of one call in seconds: the lowest median of ten rounds of 50 calls, since what disturbs only adds."""
    import time

    medians = []
    for _ in range(10):
        times = []
        for _ in range(50):
            begun = time.perf_counter()
            call()
            times.append(time.perf_counter() - begun)
        medians.append(sorted(times)[25])
    return float("%.2g" % min(medians))


@question(
    "How long does one task of a Pool take that does nothing (Pool(1).apply)?",
    why="Each task goes through two pipes, and two threads of the program pass it on. A task that computes for less "
    "time than this is slower with apply() than without a Pool. PyPy's number includes the time in which it compiles.",
    do="Give each task more work, or send many in one message: map(…, chunksize=…).",
    source=REFERENCE + "pool.Pool",
    methods=(),
    exclusive=True,
    measured=True,
    unit="seconds",
    wanted="either",
    asked=(
        "multiprocessing Pool is slower than a for loop",
        "overhead of one task in a Pool",
        "why is multiprocessing slower than serial code",
    ),
)
def time_of_task():
    import multiprocessing

    with multiprocessing.Pool(1) as pool:
        return value(time_of(lambda: pool.apply(int)))


# --- managers


@question(
    "How long does one call on a proxy of a Manager take (dict.get)?",
    why="Each access is a message to the manager's process and an answer. shared[key] += 1 is two of them. PyPy's "
    "number includes the time in which it compiles what it measures.",
    do="Read once into a local variable: shared.copy() of a dict, shared[:] of a list (dict(shared) and list(shared) "
    "send a message for each item); write once (update()). For numbers use a Value, an Array or shared memory.",
    source=REFERENCE + "Manager",
    methods=(),
    exclusive=True,
    measured=True,
    unit="seconds",
    wanted="either",
    asked=(
        "multiprocessing Manager dict is slow",
        "Manager().list() much slower than a normal list",
        "cost of a proxy access of a SyncManager",
    ),
)
def time_of_proxy():
    import multiprocessing

    with multiprocessing.Manager() as manager:
        shared = manager.dict(key=7)
        if shared.get("key") != 7:
            raise RuntimeError("it has something else")
        return value(time_of(lambda: shared.get("key")))


@question(
    "Can a Manager's Queue be stored in a Manager's dict?",
    why="Shared objects may be nested, says the manual. Those for which multiprocessing makes a proxy class as it goes "
    "(Queue, and registered classes of your own) need a parameter that older releases of Python forgot.",
    do="Use Python 3.9 or later; before that, pass the proxies to the children one by one.",
    source="https://docs.python.org/3/library/multiprocessing.html#proxy-objects",
    documented={"*": "yes"},
    methods=(),
    asked=(
        "TypeError: AutoProxy() got an unexpected keyword argument 'manager_owned'",
        "shared Queue inside a shared dict of a Manager",
        "multiprocessing manager nested shared objects doesn't work with Queue",
    ),
)
def queue_in_dict():
    import multiprocessing
    from multiprocessing.managers import RemoteError

    with multiprocessing.Manager() as manager:
        shared, queue = manager.dict(), manager.Queue()
        try:
            shared["queue"] = queue
            shared["queue"].put(7)
        except (RemoteError, TypeError) as error:
            return no(last_error(str(error)) or describe(error))
        if queue.get(timeout=LIMIT) != 7:
            raise RuntimeError("something else came")
    return yes()


@question(
    "Can a class be used that was registered with BaseManager.register() after the manager was started?",
    why="The manager's process has the registry as it was at start(). The method is there, and fails.",
    do="Register all classes before start(), best at the top level of a module.",
    source=REFERENCE + "managers.BaseManager.register",
    methods=(),
    asked=(
        "register() after manager.start() KeyError",
        "share newly created objects while the manager server is running",
        "multiprocessing.managers.RemoteError KeyError create",
    ),
)
def registered_late():
    from multiprocessing.managers import BaseManager, RemoteError

    BaseManager.register("early", dict)
    with BaseManager() as manager:
        if manager.early().copy() != {}:
            raise RuntimeError("no class works")
        BaseManager.register("late", dict)
        try:
            found = manager.late().copy()
        except RemoteError as error:
            return no("RemoteError with " + last_error(str(error)))
    if found != {}:
        raise RuntimeError("it is %r" % found)
    return yes()


@question(
    "Can a client that joined a manager with connect() end it with shutdown()?",
    why="shutdown() exists only where start() was called. For a server of get_server().serve_forever() no way "
    "for a client to end it is documented.",
    do="Register a function that sets a threading.Event in the server; a thread there waits for it and calls "
    "os._exit(0). The client's call may raise EOFError or ConnectionResetError then.",
    source=REFERENCE + "managers.BaseManager.shutdown",
    documented={"*": "no"},
    methods=(),
    asked=(
        "AttributeError: 'BaseManager' object has no attribute 'shutdown'",
        "how to stop serve_forever of a multiprocessing manager",
        "shutdown a remote manager from a client",
    ),
)
def shutdown_by_client():
    from multiprocessing.managers import BaseManager

    with BaseManager(authkey=b"key") as manager:
        client = BaseManager(manager.address, b"key")
        client.connect()
        try:
            client.shutdown()
        except AttributeError as error:
            return no(describe(error))
        manager._process.join(LIMIT)
        if manager._process.exitcode is None:
            raise RuntimeError("the manager goes on")
    return yes()


@question(
    "Can a child still use a Manager's dict while the program, at its end, waits for that child?",
    why="At the end of a program its managers are shut down first, then its children are joined. A program that ends "
    "without join() takes the shared objects from children that still work.",
    do="Join the children before the end of the program, or before the end of the manager's with block.",
    source="https://github.com/python/cpython/blob/main/Lib/multiprocessing/util.py",
    asked=(
        "BrokenPipeError or ConnectionRefusedError in child when the main process ends, multiprocessing.Manager",
        "FileNotFoundError in proxy of a Manager after the main script has finished",
        "Manager dict works only if the main process joins its children",
        "multiprocessing.managers.RemoteError KeyError id_to_obj when the main process ends",
    ),
    deadline=60,
)
def manager_at_end(ctx):
    path = place("told")
    env = {"CANIFORK_METHOD": ctx.get_start_method()}
    script = run_script("together_manager.py", path, env=env, timeout=2 * LIMIT)
    if script.timed_out or script.status != 0:
        raise RuntimeError("status %r: %s" % (script.status, script.stderr[-300:]))
    with open(path) as file:
        told = file.read()
    if told not in ("gone", "there"):
        raise RuntimeError("the child told %r" % told)
    return yes() if told == "there" else no("its calls raise")


if __name__ == "__main__":
    main()
