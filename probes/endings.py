"""What ends a Pool, a ProcessPoolExecutor or a Manager, and what becomes of their workers and tasks?"""

import os

from _probe import (
    LIMIT,
    Unavailable,
    main,
    need_executor,
    no,
    processes,
    question,
    run_script,
    scratch,
    value,
    wait_until,
    yes,
)
from _tasks import broken, executor, note, pid, wait_for
from _waiting import comes

POOL = "https://docs.python.org/3/library/multiprocessing.html#multiprocessing.pool."
FUTURES = "https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures."
POOL_SOURCE = "https://github.com/python/cpython/blob/main/Lib/multiprocessing/pool.py"
EXECUTOR_SOURCE = "https://github.com/python/cpython/blob/main/Lib/concurrent/futures/process.py"


def keep_pool(ctx):
    """A pool with two idle workers, and their process IDs."""
    pool = ctx.Pool(2)
    pool.apply_async(pid).get(LIMIT)
    return pool, [worker.pid for worker in pool._pool]


def keep_executor(ctx):
    """An executor with one idle worker, and its process ID."""
    pool = executor(ctx)
    return pool, [pool.submit(pid).result(LIMIT)]


def keep_manager(ctx):
    """A manager and the ID of its process."""
    manager = ctx.Manager()
    return manager, [manager._process.pid]


def program(method, folder, keep):
    """The program that will be ended: it has something with workers, and stays."""
    import multiprocessing
    import signal
    import tempfile
    import threading

    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    tempfile.tempdir = os.environ["TMPDIR"] = folder  # who is killed cannot remove what multiprocessing keeps there
    kept, workers = keep(multiprocessing.get_context(method))
    note(os.path.join(folder, "workers"), " ".join(map(str, workers)))
    threading.Event().wait(LIMIT)
    del kept


def outlived(ctx, keep, end):
    """Answer whether all workers end after their program: end(process) ends it."""
    import shutil
    import signal
    import tempfile

    processes()  # Unavailable where nobody lists them
    folder = tempfile.mkdtemp()
    path = os.path.join(folder, "workers")
    process = ctx.Process(target=program, args=(ctx.get_start_method(), folder, keep))
    process.start()
    try:
        if not wait_until(lambda: os.path.exists(path) or process.exitcode is not None, LIMIT):
            raise RuntimeError("the program does not begin")
        if process.exitcode is not None:
            raise RuntimeError("the program ended with %r" % process.exitcode)
        with open(path) as file:
            workers = {int(word) for word in file.read().split()}
        end(process)
        process.join()
        comes(lambda: not workers & set(processes()), *workers)
        left = workers & set(processes())
        for worker in left:
            os.kill(worker, signal.SIGKILL)
        wait_until(lambda: not workers & set(processes()))
    finally:
        process.kill()
        process.join()
        shutil.rmtree(folder, ignore_errors=True)
    if left and len(left) != len(workers):
        raise RuntimeError("%d of %d workers are left" % (len(left), len(workers)))
    return no("they go on as before") if left else yes()


def kill(process):
    """As kill -9, the out-of-memory killer and Task Manager do."""
    process.kill()


def terminate(process):
    """As kill, docker stop and systemd do, for a program that has no handler of its own."""
    process.terminate()


KILLED = (
    "orphaned worker processes",
    "child processes keep running after kill -9",
    "zombie python processes after the parent was killed",
)


@question(
    "Do idle Pool workers end within a second after their program was killed?",
    why="A killed program cannot end its workers. They notice its end only if no other process holds the pipe from "
    "which they read their tasks. The program is itself a child process here, with two workers.",
    do="Run programs that may be killed in a container or process group that is ended as a whole; or let a thread of "
    "each worker call multiprocessing.parent_process().join() and then os._exit(1).",
    source=POOL_SOURCE,
    asked=KILLED + ("multiprocessing.Pool workers survive when the parent is killed",),
)
def pool_parent_killed(ctx):
    return outlived(ctx, keep_pool, kill)


@question(
    "Do idle ProcessPoolExecutor workers end within a second after their program was killed?",
    why="Each worker holds both ends of the pipe from which it reads tasks, so that it never sees the pipe's end: it "
    "waits for tasks for ever, and keeps its memory. The program is itself a child process here.",
    do="Start a thread in the initializer that calls multiprocessing.parent_process().join() and then os._exit(1); or "
    "end the whole process group.",
    source="https://github.com/python/cpython/issues/111873",
    asked=KILLED + ("ProcessPoolExecutor worker processes stay alive after parent process is killed",),
)
def executor_parent_killed(ctx):
    need_executor(ctx)
    return outlived(ctx, keep_executor, kill)


TERMINATED = (
    "docker stop leaves worker processes",
    "SIGTERM does not end the workers",
    "systemd stop orphaned workers",
)


@question(
    "Do idle Pool workers end within a second after SIGTERM ended their program?",
    why="SIGTERM ends a program without handler at once: no finally block and no atexit callback runs. An idle worker "
    "notices that the pipe of its tasks has lost its writer; a busy one first ends its task. Another forked child that "
    "goes on holds that pipe, and so keeps the workers; there is none here.",
    do="Install a SIGTERM handler that raises SystemExit, and leave the pool's with block.",
    source=POOL_SOURCE,
    asked=TERMINATED + ("multiprocessing.Pool and SIGTERM",),
)
def pool_parent_terminated(ctx):
    return outlived(ctx, keep_pool, terminate)


@question(
    "Do idle ProcessPoolExecutor workers end within a second after SIGTERM ended their program?",
    why="SIGTERM ends a program without handler at once: no finally block and no atexit callback runs, and nobody "
    "tells the workers.",
    do="Install a SIGTERM handler that raises SystemExit, and leave the executor's with block.",
    source=EXECUTOR_SOURCE,
    asked=TERMINATED + ("ProcessPoolExecutor SIGTERM graceful shutdown",),
)
def executor_parent_terminated(ctx):
    need_executor(ctx)
    return outlived(ctx, keep_executor, terminate)


@question(
    "Does a Manager's process end within a second after SIGTERM ended the program that made it?",
    why="A manager serves whoever connects, and does not watch the program.",
    do="Install a SIGTERM handler that raises SystemExit, and leave the manager's with block.",
    source="https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Manager",
    asked=TERMINATED + ("leftover SyncManager process",),
)
def manager_parent_terminated(ctx):
    return outlived(ctx, keep_manager, terminate)


def interruptible():
    """An initializer: SIGINT raises KeyboardInterrupt here, whatever the caller of the program has left to it."""
    import signal

    signal.signal(signal.SIGINT, signal.default_int_handler)


def need_signals():
    """Raise Unavailable where one process cannot send another one a signal."""
    if os.name == "nt":
        raise Unavailable("a single process cannot be interrupted there")


def interrupt_self():
    """A task that gets the signal of Ctrl+C."""
    import signal
    import threading

    interruptible()
    os.kill(os.getpid(), signal.SIGINT)
    threading.Event().wait(LIMIT)


@question(
    "What does result() raise when SIGINT interrupts a ProcessPoolExecutor task?",
    why="Ctrl+C sends the signal to the workers too. An executor sends the task's KeyboardInterrupt to the program, "
    "as it does with other exceptions; a Pool loses the task.",
    do="Catch KeyboardInterrupt around result() too; ignore SIGINT in the initializer if only the program shall be "
    "interrupted.",
    source=EXECUTOR_SOURCE,
    asked=("KeyboardInterrupt in ProcessPoolExecutor", "Ctrl+C with ProcessPoolExecutor"),
    wanted="either",
)
def interrupt_in_executor(ctx):
    need_signals()
    with executor(ctx) as pool:
        error = pool.submit(interrupt_self).exception(LIMIT)
    if not isinstance(error, (KeyboardInterrupt, broken())):
        raise RuntimeError("it raises %r" % (error,))
    return value(type(error).__name__)


def interrupt(process_id):
    """Send a process the signal of Ctrl+C."""
    import signal

    os.kill(process_id, signal.SIGINT)


def until_idle(lock):
    """Wait until the only worker waits for its next task: it then holds this lock."""

    def free():
        taken = lock.acquire(False)
        if taken:
            lock.release()
        return taken

    if not wait_until(lambda: not free()):
        raise RuntimeError("the worker does not wait for tasks")


@question(
    "Can a ProcessPoolExecutor run tasks after SIGINT reached its idle worker?",
    why="Ctrl+C reaches the workers too. An idle one dies by KeyboardInterrupt, and with it the executor: a program "
    "that handles Ctrl+C itself, such as a prompt or a notebook, cannot use it any more.",
    do="Ignore SIGINT in the initializer: signal.signal(signal.SIGINT, signal.SIG_IGN).",
    source=EXECUTOR_SOURCE,
    asked=("BrokenProcessPool after Ctrl+C", "A process in the process pool was terminated abruptly after Ctrl+C"),
)
def interrupt_idle_executor(ctx):
    need_signals()
    with executor(ctx, initializer=interruptible) as pool:
        worker = pool.submit(pid).result(LIMIT)
        until_idle(pool._call_queue._rlock)
        interrupt(worker)
        comes(lambda: pool._broken, worker)  # its exit code may be lost: the executor's thread waits for it too
        try:
            other = pool.submit(pid).result(LIMIT)
        except broken():
            return no("BrokenProcessPool")
    if other == worker:
        raise RuntimeError("the worker goes on")
    return yes()


@question(
    "Can a Pool run tasks after SIGINT reached its idle worker?",
    why="Ctrl+C reaches the workers too. An idle one dies by KeyboardInterrupt, which releases the lock that it held "
    "while it waited; the pool starts another.",
    do="Ignore SIGINT in the initializer, so that workers live and print no tracebacks.",
    source=POOL_SOURCE,
    asked=("Process ForkPoolWorker-1: Traceback KeyboardInterrupt", "Pool worker tracebacks at Ctrl+C"),
)
def interrupt_idle_pool(ctx):
    import multiprocessing

    need_signals()
    with ctx.Pool(1, interruptible) as pool:
        worker = pool.apply_async(pid).get(LIMIT)
        process = pool._pool[0]
        until_idle(pool._inqueue._rlock)
        interrupt(worker)
        if not wait_until(lambda: process.exitcode is not None or pool._pool != [process], LIMIT):
            raise RuntimeError("the worker goes on")
        try:
            other = pool.apply_async(pid).get(LIMIT)
        except multiprocessing.TimeoutError:
            return no("the worker that replaced it does nothing")
    if other == worker:
        raise RuntimeError("the same worker")
    return yes("by another worker")


@question(
    "Does a Manager's process go on after SIGINT?",
    why="Ctrl+C reaches the manager's process too; the program may still need its objects to end in good order.",
    do="Nothing if yes: the manager ends with its program.",
    source="https://github.com/python/cpython/blob/main/Lib/multiprocessing/managers.py",
    asked=("Manager BrokenPipeError after Ctrl+C", "ConnectionResetError in a manager's proxy after KeyboardInterrupt"),
)
def interrupt_manager(ctx):
    need_signals()
    with ctx.Manager() as manager:
        shared = manager.dict(number=1)
        process = manager._process
        interrupt(process.pid)
        if comes(lambda: process.exitcode is not None, process.pid):
            return no("it ended")
        if shared["number"] != 1:
            raise RuntimeError("it holds another value")
    return yes()


@question(
    "Can a Pool with one worker run tasks after that worker was killed while idle?",
    why="An idle worker waits for tasks while it holds the lock of their queue. If it is killed then, the lock stays "
    "taken: its replacement waits for ever, and so does terminate(). Of several idle workers only one holds the lock.",
    do="Never kill workers of a Pool; where the system may, for lack of memory, use ProcessPoolExecutor, which "
    "notices.",
    source="https://github.com/python/cpython/issues/96062",
    asked=(
        "Can a Pool run tasks after its idle worker was killed?",
        "multiprocessing.Pool gets stuck when a worker is killed",
        "Pool hangs after a worker was killed by the out-of-memory killer",
    ),
)
def killed_idle_pool(ctx):
    path = scratch("workers")
    with ctx.Pool(1, append, (path,)) as pool:
        pool.apply_async(pid).get(LIMIT)
        lock = pool._inqueue._rlock
        until_idle(lock)
        pool._pool[0].kill()
        if not wait_until(lambda: len(lines_of(path)) == 2, LIMIT):
            raise RuntimeError("the pool starts no other worker")
        result = pool.apply_async(pid)
        done = comes(result.ready, *[worker.pid for worker in pool._pool])
        if not done:
            if not pool._inqueue._reader.poll():
                raise RuntimeError("a worker has taken the task")
            lock.release()  # that of the dead: the test of the cause, and terminate() needs it
            result.get(LIMIT)
    os.remove(path)
    return yes() if done else no("the task is done only once the dead worker's lock is released")


@question(
    "Does a ProcessPoolExecutor notice that its idle worker was killed?",
    why="It waits for the ends of its workers too, so that no task waits for a dead one.",
    do="Make a new executor after BrokenProcessPool.",
    source=FUTURES + "process.BrokenProcessPool",
    documented={"*": "yes"},
    asked=("ProcessPoolExecutor worker killed while idle", "BrokenProcessPool at the next submit"),
)
def killed_idle_executor(ctx):
    with executor(ctx) as pool:
        worker = pool.submit(pid).result(LIMIT)
        pool._processes[worker].kill()
        if not wait_until(lambda: pool._broken, LIMIT):
            return no("it takes tasks as before")
        try:
            pool.submit(pid).result(LIMIT)
        except broken():
            return yes("BrokenProcessPool at the next submit()")
    raise RuntimeError("it runs tasks")


class Noting:
    """A signal handler that leaves a file and returns."""

    def __init__(self, path):
        self.path = path

    def __call__(self, *_):
        open(self.path, "w").close()


def wait_and_note(go, begun, after):
    """A task that says when it has begun, and when it could go on to its end."""
    wait_for(go, begun)
    open(after, "w").close()


@question(
    "Does Pool.terminate() end a running task if the program's SIGTERM handler just returns?",
    why="A forked worker has the handler too: SIGTERM runs it there, and the task goes on. terminate(), and the end of "
    "a with block, can then wait for ever.",
    do="Call signal.signal(signal.SIGTERM, signal.SIG_DFL) in the initializer.",
    source=POOL + "Pool.terminate",
    documented={"*": "yes"},
    asked=("pool.terminate() hangs with a SIGTERM handler", "Pool with statement hangs at the end"),
)
def terminate_with_handler(ctx):
    import multiprocessing.connection
    import signal
    import threading

    paths = go, begun, handled, after = [scratch(name) for name in ("go", "begun", "handled", "after")]
    signal.signal(signal.SIGTERM, Noting(handled))
    pool = ctx.Pool(1)
    pool.apply_async(wait_and_note, (go, begun, after))
    if not wait_until(lambda: os.path.exists(begun), LIMIT):
        raise RuntimeError("the task did not begin")
    worker = pool._pool[0]
    thread = threading.Thread(target=pool.terminate)
    thread.start()

    def ended():
        return multiprocessing.connection.wait([worker.sentinel], 0)

    wait_until(lambda: os.path.exists(handled) or ended(), LIMIT)
    open(go, "w").close()
    wait_until(lambda: os.path.exists(after) or ended(), LIMIT)
    stuck = not ended() and not comes(lambda: not thread.is_alive(), worker.pid)
    if stuck:  # the worker waits for a lock that terminate() keeps, and terminate() for the worker
        worker.kill()
    thread.join()
    seen = [os.path.exists(handled), os.path.exists(after)]
    for path in paths:
        if os.path.exists(path):
            os.remove(path)
    if seen == [True, True]:
        return no("the task went on" + (", and terminate() returned only when the worker was killed" if stuck else ""))
    if seen != [False, False] or stuck:
        raise RuntimeError("the handler ran, the task went on: %r; terminate() does not return: %r" % (seen, stuck))
    return yes()


def append(path):
    """A task that leaves a line."""
    with open(path, "a") as file:
        file.write("run\n")


def lines_of(path):
    """The lines that were left in a file, if there is one."""
    if not os.path.exists(path):
        return []
    with open(path) as file:
        return file.readlines()


class Queued:
    """One running task, and three that wait behind it for the only worker."""

    def __init__(self, submit):
        self.go, self.begun, self.ran = scratch("go"), scratch("begun"), scratch("ran")
        self.tasks = [submit(wait_for, self.go, self.begun)] + [submit(append, self.ran) for _ in range(3)]
        if not wait_until(lambda: os.path.exists(self.begun), LIMIT):
            raise RuntimeError("the task did not begin")

    def release(self):
        """Let the running task end."""
        open(self.go, "w").close()

    def judged(self):
        """Whether all waiting tasks have run, or none."""
        lines = len(lines_of(self.ran))
        for path in (self.go, self.begun, self.ran):
            if os.path.exists(path):
                os.remove(path)
        if lines not in (0, 3):
            raise RuntimeError("%d of 3 tasks ran" % lines)
        return yes() if lines else no("none of the three ran")


@question(
    "Does leaving a Pool's with block run the tasks that are still queued?",
    why="The block ends with terminate(): what apply_async() has queued is lost without an error. Three tasks wait "
    "here behind one that runs.",
    do="Call pool.close() and pool.join() at the end of the block, or get() every result in it.",
    source="https://docs.python.org/3/library/multiprocessing.html#module-multiprocessing.pool",
    documented={"*": "no"},
    asked=("apply_async tasks are not executed", "with Pool() as p: nothing happens", "pool.apply_async does nothing"),
)
def with_pool_queued(ctx):
    import multiprocessing

    with ctx.Pool(1) as pool:
        tasks = Queued(lambda function, *args: pool.apply_async(function, args))
    tasks.release()
    if not wait_until(lambda: not multiprocessing.active_children(), LIMIT):
        raise RuntimeError("workers: %r" % multiprocessing.active_children())
    return tasks.judged()


@question(
    "Do Pool.close() and Pool.join() wait for all queued tasks?",
    why="Unlike terminate(), and the end of a with block, they let the pool finish its work.",
    do="Call both, in this order, where nobody fetches the results.",
    source=POOL + "Pool.close",
    documented={"*": "yes"},
    asked=("wait for all apply_async tasks", "pool.close() pool.join() or with statement"),
)
def close_and_join(ctx):
    pool = ctx.Pool(1)
    tasks = Queued(lambda function, *args: pool.apply_async(function, args))
    pool.close()
    tasks.release()
    pool.join()
    return tasks.judged()


@question(
    "Does leaving a ProcessPoolExecutor's with block run the tasks that are still queued?",
    why="The block ends with shutdown(wait=True), which waits for all of them, unlike that of a Pool.",
    do="Call shutdown(cancel_futures=True) in the block, from Python 3.9 on, to drop them.",
    source=FUTURES + "Executor.shutdown",
    documented={"*": "yes"},
    asked=("ProcessPoolExecutor with statement waits for all futures",),
)
def with_executor_queued(ctx):
    with executor(ctx) as pool:
        tasks = Queued(pool.submit)
        tasks.release()
    return tasks.judged()


@question(
    "Are queued tasks still run when an exception leaves a ProcessPoolExecutor's with block?",
    why="The block ends with shutdown(wait=True) whatever happened in it: after an error, or Ctrl+C, the program waits "
    "until all that was submitted is done.",
    do="Catch the exception inside the block and call shutdown(cancel_futures=True) (Python 3.9 or later). Not with "
    "wait=False: the end of the block then calls shutdown() again, which takes the order to cancel back, and all tasks "
    "run.",
    source=FUTURES + "Executor.shutdown",
    documented={"*": "yes"},
    asked=("ProcessPoolExecutor does not stop on exception", "Ctrl+C does not stop ProcessPoolExecutor"),
    wanted="either",
)
def exception_in_with(ctx):
    try:
        with executor(ctx) as pool:
            tasks = Queued(pool.submit)
            tasks.release()
            raise KeyError("in the block")
    except KeyError:
        return tasks.judged()


def at_end(ctx, kind):
    """How many of a script's three queued tasks have run when it has ended; the script never ends its pool."""
    path = scratch("ran")
    changes = {"CANIFORK_METHOD": ctx.get_start_method(), "CANIFORK_REPORT": path}
    script = run_script("endings_open.py", kind, env=changes, timeout=LIMIT)
    lines = len(lines_of(path))
    if lines:
        os.remove(path)
    if script.timed_out or script.status != 0 or script.stdout.split() != ["end"] or lines not in (0, 3):
        raise RuntimeError("%d ran, status %r, printed %r: %s" % (lines, script.status, script.stdout, script.error))
    return yes() if lines else no("none of the three ran")


@question(
    "Does a program that ends run the queued tasks of a ProcessPoolExecutor that it never shut down?",
    why="At its end the interpreter waits until everything that was submitted is done: the program seems to hang "
    "after its last line.",
    do="Call shutdown(cancel_futures=True), from Python 3.9 on: it drops the queue; tasks that run, and a few that the "
    "workers' pipe has already, are still waited for.",
    source=EXECUTOR_SOURCE,
    asked=("program does not exit until all futures are done", "sys.exit() waits for ProcessPoolExecutor"),
    wanted="either",
)
def executor_at_end(ctx):
    need_executor(ctx)
    return at_end(ctx, "executor")


@question(
    "Does a program that ends run the queued tasks of a Pool that it never closed?",
    why="At the program's end, open pools are terminated, with all that waits in them.",
    do="Call close() and join(), or get() every result.",
    source=POOL_SOURCE,
    asked=("apply_async tasks do not run before the script ends",),
    wanted="either",
)
def pool_at_end(ctx):
    return at_end(ctx, "pool")


def remove_folder(address):
    """Remove the folder of a socket whose owner was killed."""
    import shutil

    folder = os.path.dirname(address)
    if os.path.basename(folder).startswith("pymp-"):
        shutil.rmtree(folder)


@question(
    "What does a call on a Manager's dict raise after the manager's process was killed?",
    why="The dict lives in that process, and nothing restarts it. Tested with one call, on a connection that was open "
    "before; a new connection can be refused.",
    do="Catch (ConnectionError, EOFError), and make the manager and its objects anew.",
    source="https://docs.python.org/3/library/multiprocessing.html#multiprocessing.managers.BaseManager",
    asked=(
        "BrokenPipeError: [Errno 32] Broken pipe in a manager's proxy",
        "EOFError in _callmethod",
        "ConnectionResetError: [Errno 104] Connection reset by peer multiprocessing manager",
        "ConnectionRefusedError: [Errno 111] Connection refused multiprocessing manager",
    ),
    wanted="either",
)
def manager_killed(ctx):
    manager = ctx.Manager()
    shared = manager.dict(number=1)
    if shared["number"] != 1:
        raise RuntimeError("the manager does not work")
    manager._process.kill()
    manager._process.join()
    try:
        shared["number"]
    except (ConnectionError, EOFError) as error:
        return value(type(error).__name__, "on a connection that was open before")
    finally:
        remove_folder(manager.address)
    raise RuntimeError("the dict answers")


if __name__ == "__main__":
    main()
