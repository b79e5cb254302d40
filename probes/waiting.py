"""Who waits for ever for a process that has died, or for a result that cannot come?"""

import os
import threading

from _modules import needed
from _places import place
from _probe import LIMIT, Unavailable, describe, main, no, question, wait_until, yes
from _tasks import double, note, put_item, wait_for

REFERENCE = "https://docs.python.org/3/library/multiprocessing.html#multiprocessing."
SYNCHRONIZE = "https://github.com/python/cpython/blob/main/Lib/multiprocessing/synchronize.py"
QUEUES = "https://github.com/python/cpython/blob/main/Lib/multiprocessing/queues.py"
POOL = "https://github.com/python/cpython/blob/main/Lib/multiprocessing/pool.py"
TOO_LONG = LIMIT / 40  # seconds after which a call that is under way is taken to wait for ever
SLEEPERS = (
    "notify_all() and set() wait until every process that they wake has woken. One that was killed in wait() never "
    "does, and nobody notices."
)
ASK = "Ask processes to end instead of killing them; after a kill, make new objects."


class Call:
    """A call under way in a thread of its own: what it returned or raised is known when `ended` is set."""

    def __init__(self, function):
        self.function = function
        self.begun = threading.Event()
        self.ended = threading.Event()
        self.returned = self.raised = None
        threading.Thread(target=self.run, daemon=True).start()
        if not self.begun.wait(LIMIT):
            raise RuntimeError("the thread does not begin")

    def run(self):
        self.begun.set()
        try:
            self.returned = self.function()
        except Exception as error:
            self.raised = error
        self.ended.set()

    def waits(self):
        """Whether it is still under way after a time that is long for it."""
        return not self.ended.wait(TOO_LONG)

    def end(self, free):
        """Do what lets it end, since it would hold up the end of the program."""
        free()
        if not self.ended.wait(LIMIT):
            raise RuntimeError("it waits for something else")


def begin(ctx, target, *args):
    """A child that has said 'begun', and the connection to it."""
    mine, its = ctx.Pipe()
    process = ctx.Process(target=target, args=(its,) + args)
    process.start()
    its.close()
    if not mine.poll(LIMIT) or mine.recv() != "begun":
        process.kill()
        raise RuntimeError("the child does not begin")
    return process, mine


def end(process, connection):
    """Kill a child."""
    process.kill()
    process.join()
    connection.close()


@question(
    "Does Queue.get() raise when the only other process that uses the Queue has ended?",
    why="A Queue has no end: each process that uses it holds the pipe's writing end too, also the one that reads.",
    do="Let the writer put a last item (None), or call get(timeout=…) and look at process.is_alive(); a Pipe whose "
    "writing end the reader has closed raises EOFError.",
    source=QUEUES,
    asked=(
        "multiprocessing.Queue hangs when the process on the other side dies",
        "Queue.get() blocks forever after worker crashed",
        "parent waits forever for a result of a dead child",
    ),
)
def queue_of_dead_writer(ctx):
    queue = ctx.Queue()
    process = ctx.Process(target=put_item, args=(queue,))
    process.start()
    if queue.get(timeout=LIMIT) != "item":
        raise RuntimeError("another item came")
    process.join()
    call = Call(queue.get)
    if not call.waits():
        return answered(call)
    call.end(lambda: queue.put("free"))
    queue.close()
    queue.join_thread()
    return no("get() waits")


def answered(call):
    """The answer of a call that was expected to raise."""
    if call.raised is None:
        raise RuntimeError("it returned %r" % (call.returned,))
    return yes(describe(call.raised))


def put_much(connection, queue):
    """The child puts more than a pipe holds, and is killed while it is being written."""
    queue.put(b"x" * 2**20)
    connection.send("begun")
    connection.recv()


@question(
    "Does Queue.get(timeout=0.3) end if a process was killed while it was writing an item of 1 MB?",
    why="The timeout is for the beginning of an item. Where pipes are streams of bytes, which they are not on "
    "Windows, get() waits for the rest of an item without a limit, and get_nowait() too.",
    do="Let processes end by themselves; after a kill, drop the queue instead of reading it to its end.",
    source=QUEUES,
    asked=(
        "Queue.get(timeout) hangs longer than the timeout",
        "get_nowait() blocks",
        "queue truncated message after terminate",
    ),
)
def half_item(ctx):
    queue = ctx.Queue()
    process, connection = begin(ctx, put_much, queue)
    try:
        if not wait_until(lambda: queue._reader.poll(), LIMIT):
            raise RuntimeError("nothing is written")
    finally:
        end(process, connection)
    call = Call(lambda: queue.get(timeout=0.3))
    if call.waits():
        return no("it waits for the rest of the item")
    return answered(call)


def asleep(condition):
    """Whether a process waits on a Condition."""
    with condition:
        found = condition._sleeping_count.acquire(False)
        if found:
            condition._sleeping_count.release()
    return found


def sleep_on_condition(connection, condition):
    """The child waits until it is killed."""
    with condition:
        connection.send("begun")
        condition.wait()


def killed_asleep(ctx, target, thing, condition):
    """Kill a child that waits for thing, whose Condition is given."""
    process, connection = begin(ctx, target, thing)
    try:
        if not wait_until(lambda: asleep(condition), LIMIT):
            raise RuntimeError("the child does not wait")
    finally:
        end(process, connection)


def wakes(condition, function):
    """Answer whether function(), which wakes those who wait on a Condition, returns."""
    call = Call(function)
    if call.waits():
        call.end(condition._woken_count.release)
        return no("it waits for the process that was killed")
    if call.raised is not None:
        raise call.raised
    return yes()


@question(
    "Does Condition.notify_all() return if a process was killed while it waited on the Condition?",
    why=SLEEPERS,
    do=ASK,
    source=SYNCHRONIZE,
    asked=("Condition.notify_all() blocks indefinitely", "notify hangs after a worker was killed"),
)
def condition_of_dead_sleeper(ctx):
    condition = ctx.Condition()
    killed_asleep(ctx, sleep_on_condition, condition, condition)

    def notify():
        with condition:
            condition.notify_all()

    return wakes(condition, notify)


def sleep_on_event(connection, event):
    """The child waits until it is killed."""
    connection.send("begun")
    event.wait()


@question(
    "Does Event.set() return if a process was killed while it waited for the Event?",
    why=SLEEPERS + " A program hangs when it tells its workers to stop, after one of them has crashed.",
    do="Let workers look at a flag, Value('b', lock=False), if they may be killed; or end them by a message.",
    source=SYNCHRONIZE,
    asked=("Event.set() hangs", "stop event multiprocessing deadlock after a worker was killed"),
)
def event_of_dead_sleeper(ctx):
    event = ctx.Event()
    killed_asleep(ctx, sleep_on_event, event, event._cond)
    return wakes(event._cond, event.set)


def sleep_at_barrier(connection, barrier):
    """The child waits until it is killed."""
    connection.send("begun")
    barrier.wait()


@question(
    "Does Barrier.wait() end if another party was killed while it waited there?",
    why="The barrier has counted the process that was killed: the last party to come wakes the others, and waits "
    "until they have woken. A timeout of wait() does not end that.",
    do=ASK,
    source=SYNCHRONIZE,
    asked=("Barrier does not return if a waiting process is terminated", "Barrier.wait(timeout) hangs"),
)
def barrier_of_dead_party(ctx):
    barrier = ctx.Barrier(2)
    killed_asleep(ctx, sleep_at_barrier, barrier, barrier._cond)
    return wakes(barrier._cond, lambda: barrier.wait(0.3))


def set_in_handler(connection, event):
    """The child waits for an Event that its own signal handler sets."""
    import signal

    signal.signal(signal.SIGUSR1, lambda number, frame: event.set())
    connection.send("begun")
    event.wait()
    connection.send("woken")


@question(
    "Can a signal handler call set() of the Event for which its process waits?",
    why="The handler runs inside wait(), in the same thread. set() then waits until that thread has woken, which it "
    "cannot before the handler returns.",
    do="Set a plain variable in the handler, and look at it in the loop that waits: 'while not stopped and not "
    "event.wait(1)'; or let another thread wait.",
    source="https://github.com/python/cpython/issues/126434",
    asked=(
        "multiprocessing.Event set in signal handler deadlocks",
        "SIGTERM handler sets multiprocessing Event, program does not stop",
        "graceful shutdown signal handler hangs",
    ),
)
def event_in_handler(ctx):
    import signal

    if not hasattr(signal, "SIGUSR1"):
        raise Unavailable("there is no signal SIGUSR1")
    event = ctx.Event()
    process, connection = begin(ctx, set_in_handler, event)
    try:
        if not wait_until(lambda: asleep(event._cond), LIMIT):
            raise RuntimeError("the child does not wait")
        os.kill(process.pid, signal.SIGUSR1)
        if not connection.poll(LIMIT / 20):
            return no("wait() does not end")
        if connection.recv() != "woken":
            raise RuntimeError("something else came")
        return yes()
    finally:
        end(process, connection)


def take(connection, queue):
    """The child takes an item and is killed before it has done it."""
    queue.get()
    connection.send("begun")
    connection.recv()


@question(
    "Does JoinableQueue.join() return if the worker that took the last item was killed?",
    why="join() waits for task_done(), which the worker can call no more: nobody else does it.",
    do="Count results instead, or watch the workers and call task_done() for one that has died.",
    source=REFERENCE + "JoinableQueue.join",
    asked=("JoinableQueue.join() hangs", "task_done never called, worker died"),
)
def joinable_of_dead_worker(ctx):
    queue = ctx.JoinableQueue()
    queue.put("item")
    end(*begin(ctx, take, queue))
    call = Call(queue.join)
    waits = call.waits()
    if waits:
        call.end(queue.task_done)
    queue.close()
    queue.join_thread()
    if call.raised is not None:
        raise call.raised
    return no("join() waits") if waits else yes()


@question(
    "Does get() of a pending result end after Pool.terminate()?",
    why="A terminated pool forgets its tasks. Who waits for one of them, in another thread or after the with block, "
    "is told nothing.",
    do="Call get(timeout), get all results inside the with block, or use ProcessPoolExecutor.",
    source="https://github.com/python/cpython/issues/126743",
    asked=(
        "AsyncResult.get() hangs after pool.terminate()",
        "get() hangs if the pool is terminated in a signal handler",
        "result.get() outside with Pool() hangs",
    ),
)
def result_of_terminated_pool(ctx):
    path, begun = place("go-on"), place("begun")
    pool = ctx.Pool(1)
    result = pool.apply_async(wait_for, (path, begun))
    if not wait_until(lambda: os.path.exists(begun), LIMIT):
        raise RuntimeError("the task does not begin")
    pool.terminate()
    pool.join()
    call = Call(result.get)
    if call.waits():
        call.end(lambda: result._set(0, (True, None)))
        return no("get() waits")
    return answered(call)


@question(
    "Does a loop over Pool(1).imap(…) end if the Pool is kept in no variable?",
    why="Releases before Python 3.8 could collect the Pool as garbage, and the loop then waited for ever; since then "
    "the iterator keeps it.",
    do="Nothing if yes; a with block around the loop also ends the workers after it.",
    source="https://github.com/python/cpython/issues/79559",
    asked=("imap hangs, Pool without a variable", "Pool().imap_unordered iterator never ends"),
)
def iterator_of_dropped_pool(ctx):
    import gc

    iterator = ctx.Pool(1).imap(double, range(3))
    gc.collect()
    call = Call(lambda: list(iterator))
    if not call.ended.wait(LIMIT / 4):  # it has to start a worker, at worst
        return no("the loop waits")
    if call.raised is not None:
        raise call.raised
    if call.returned != [0, 2, 4]:
        raise RuntimeError("the results are %r" % (call.returned,))
    return yes()


def use_late(proxy, used, path):
    """The child uses a proxy, and again after the manager has ended."""
    proxy["used"] = 1
    note(used, "")
    wait_for(path)
    try:
        proxy["used"] = 2
    except Exception as error:
        return type(error).__name__
    return "nothing"


@question(
    "Does a child's call on a proxy raise when its parent has shut down the Manager?",
    why="The end of the manager is the end of the connection. A parent that leaves its with block while children are "
    "at work breaks them.",
    do="Join the children inside the with block of the manager.",
    source=REFERENCE + "managers.BaseManager.shutdown",
    asked=(
        "BrokenPipeError in multiprocessing manager",
        "ConnectionResetError: [Errno 104] Connection reset by peer manager",
        "EOFError in child when the main process exits manager",
    ),
    wanted="either",
)
def proxy_after_shutdown(ctx):
    needed("socket")
    used, path, told = place("used"), place("go-on"), place("told")
    manager = ctx.Manager()
    proxy = manager.dict()
    process = ctx.Process(target=tell_late, args=(told, proxy, used, path))
    process.start()
    try:
        if not wait_until(lambda: os.path.exists(used), LIMIT):
            raise RuntimeError("the child does not use it")
        manager.shutdown()
        note(path, "")
        process.join(LIMIT / 4)
        if process.exitcode is None:
            return no("the call waits")
    finally:
        process.kill()
        process.join()
    with open(told) as file:
        raised = file.read()
    if raised == "nothing":
        raise RuntimeError("the call returned")
    return yes()


def tell_late(told, *args):
    """Tell what the late call raised."""
    note(told, use_late(*args))


if __name__ == "__main__":
    main()
