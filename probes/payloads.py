"""What can the tasks of a Pool or a ProcessPoolExecutor be given, and bring back?"""

from _probe import Unavailable, describe, main, need_executor, no, question, yes
from _tasks import LIMIT, executor, put_item, refusals

POOL = "https://docs.python.org/3/library/multiprocessing.html#multiprocessing.pool."
FUTURES_NOTE = "https://docs.python.org/3/library/concurrent.futures.html#processpoolexecutor"
SHARING = "https://docs.python.org/3/library/multiprocessing.html#sharing-state-between-processes"
INHERITANCE = "should only be shared between processes through inheritance"


class Account:
    """An object whose methods are tasks."""

    def __init__(self, pool=None):
        self.amount = 1
        self.pool = pool

    def add(self, number):
        """Change the object, and tell what it is then."""
        self.amount += number
        return self.amount

    def doubled(self):
        """Run another method of the object in its own executor."""
        return self.pool.submit(self.add, 1).result(LIMIT)


@question(
    "Can a bound method be a Pool task?",
    why="The object is pickled with the task.",
    do="Nothing if yes, as long as the object can be pickled and is small.",
    source=POOL + "Pool",
    asked=("pool.map with a class method", "Can't pickle <type 'instancemethod'>"),
)
def method_in_pool(ctx):
    with ctx.Pool(1) as pool:
        done = pool.apply_async(Account().add, (2,)).get(LIMIT)
    if done != 3:
        raise RuntimeError("the result is %r" % done)
    return yes()


@question(
    "Can a bound method be a ProcessPoolExecutor task?",
    why="The object is pickled with the task.",
    do="Nothing if yes, as long as the object can be pickled and is small.",
    source=FUTURES_NOTE,
    asked=("executor.submit(self.method)", "ProcessPoolExecutor with a class method"),
)
def method_in_executor(ctx):
    with executor(ctx) as pool:
        done = pool.submit(Account().add, 2).result(LIMIT)
    if done != 3:
        raise RuntimeError("the result is %r" % done)
    return yes()


@question(
    "Can self.executor.submit() run a method of self?",
    why="The task carries self, and self the executor, which has locks, queues and threads that cannot be pickled.",
    do="Make the task a plain function or a staticmethod, or drop the executor in __getstate__.",
    source=FUTURES_NOTE,
    asked=(
        "TypeError: cannot pickle '_thread.RLock' object self.executor.submit",
        "TypeError: cannot pickle 'weakref.ReferenceType' object executor",
        "TypeError: cannot pickle '_queue.SimpleQueue' object",
    ),
)
def method_of_owner(ctx):
    with executor(ctx) as pool:
        try:
            return yes() if Account(pool).doubled() == 2 else no("another result")
        except refusals() as error:
            return no(describe(error))


@question(
    "Does the parent see an attribute that a method changes when it runs as a Pool task?",
    why="The worker changes its own copy of the object, which is then thrown away.",
    do="Return what has changed, and set it in the parent.",
    source=SHARING,
    documented={"*": "no"},
    asked=("self attribute not updated by pool.map", "attribute set in a task is not changed in the parent"),
    wanted="either",
)
def attribute_set_by_task(ctx):
    account = Account()
    with ctx.Pool(1) as pool:
        done = pool.apply_async(account.add, (2,)).get(LIMIT)
    if done != 3 or account.amount not in (1, 3):
        raise RuntimeError("%r, and the parent has %r" % (done, account.amount))
    return yes() if account.amount == 3 else no("the worker's object has 3, the parent's has 1")


def refused(submit):
    """Answer no if a task with its argument is refused since that can only be inherited, yes if the task runs."""
    try:
        done = submit()
    except RuntimeError as error:
        if INHERITANCE not in str(error):
            raise
        return no(describe(error))
    if done is not True:
        raise RuntimeError("the result is %r" % (done,))
    return yes()


@question(
    "Can a multiprocessing.Queue be an argument of a ProcessPoolExecutor task?",
    why="A queue can only be passed while a process is being started; the error comes with result(), if anybody asks.",
    do="Pass it through initargs, or use a Manager's Queue.",
    source=FUTURES_NOTE,
    asked=("RuntimeError: Queue objects should only be shared between processes through inheritance",),
)
def queue_in_executor_task(ctx):
    queue = ctx.Queue()
    with executor(ctx) as pool:
        return refused(lambda: pool.submit(put_item, queue).result(LIMIT))


def set_event(event):
    """Set an event."""
    event.set()
    return True


@question(
    "Can a multiprocessing.Event be an argument of a ProcessPoolExecutor task?",
    why="It consists of locks, which can only be passed while a process is being started.",
    do="Pass it through initargs, or use a Manager's Event.",
    source=FUTURES_NOTE,
    asked=("RuntimeError: Condition objects should only be shared between processes through inheritance",),
)
def event_in_executor_task(ctx):
    event = ctx.Event()
    with executor(ctx) as pool:
        return refused(lambda: pool.submit(set_event, event).result(LIMIT))


def store(number):
    """Change a shared number."""
    number.value = 7
    return True


@question(
    "Can a multiprocessing.Value be an argument of a Pool task?",
    why="Shared memory of this kind can only be passed while a process is being started.",
    do="Pass it through initargs, or use a Manager's Value or a SharedMemory block.",
    source=POOL + "Pool",
    asked=("RuntimeError: Synchronized objects should only be shared between processes through inheritance",),
)
def value_in_pool_task(ctx):
    number = ctx.Value("i", 1)
    with ctx.Pool(1) as pool:
        return refused(lambda: pool.apply_async(store, (number,)).get(LIMIT))


@question(
    "Can a Manager's Queue be an argument of a ProcessPoolExecutor task?",
    why="A multiprocessing.Queue cannot: it can only be passed while a process is being started.",
    do="Use Manager().Queue() where a queue must travel with a task.",
    source="https://docs.python.org/3/library/multiprocessing.html#proxy-objects",
    documented={"*": "yes"},
    asked=("Manager().Queue() with ProcessPoolExecutor",),
)
def manager_queue_in_executor_task(ctx):
    need_executor(ctx)
    with ctx.Manager() as manager:
        queue = manager.Queue()
        with executor(ctx) as pool:
            done = pool.submit(put_item, queue).result(LIMIT)
        if done is not True or queue.get(timeout=LIMIT) != "item":
            raise RuntimeError("the item did not come")
    return yes()


def write_block(block):
    """Write into a block of shared memory."""
    block.buf[0] = 7
    block.close()
    return True


@question(
    "Does the parent see what a Pool task writes to a SharedMemory block that was its argument?",
    why="A SharedMemory object is pickled as its name, so that no data is copied.",
    do="Pass it, and call close() in the task.",
    source="https://docs.python.org/3/library/multiprocessing.shared_memory.html",
    asked=("SharedMemory with Pool", "share a numpy array with pool workers"),
)
def shared_memory_in_pool_task(ctx):
    try:
        from multiprocessing.shared_memory import SharedMemory
    except ImportError as error:
        raise Unavailable(describe(error)) from error
    with ctx.Pool(1) as pool:  # first, so that workers forked have the tracker that the block starts, or none
        block = SharedMemory(create=True, size=16)
        try:
            done = pool.apply_async(write_block, (block,)).get(LIMIT)
            seen = block.buf[0]
        finally:
            block.close()
            try:
                block.unlink()
            except FileNotFoundError:  # the worker's own tracker may have removed it
                pass
    if done is not True or seen not in (0, 7):
        raise RuntimeError("%r, and the parent sees %r" % (done, seen))
    return yes() if seen == 7 else no("the parent sees 0")


def send(connection):
    """Send a text."""
    connection.send("sent")
    connection.close()
    return True


@question(
    "Can one end of a Pipe be an argument of a Pool task?",
    why="A thread of the parent hands the descriptor over when the worker unpickles the connection.",
    do="Keep the connection open until the task has begun.",
    source="https://docs.python.org/3/library/multiprocessing.html#connection-objects",
    asked=("pass a Connection to pool.map", "multiprocessing Pipe with Pool"),
)
def connection_in_pool_task(ctx):
    mine, its = ctx.Pipe()
    with ctx.Pool(1) as pool:
        done = pool.apply_async(send, (its,)).get(LIMIT)
        if done is not True or not mine.poll(LIMIT) or mine.recv() != "sent":
            raise RuntimeError("nothing came")
    return yes()


def many_bytes(size):
    """A large result."""
    return bytes(range(256)) * (size >> 8)


@question(
    "Does a result of 16 MiB arrive intact from a Pool and from an executor?",
    why="Results are pickled and sent through a pipe, in pieces.",
    do="Write large results to a file or to shared memory if this takes too long.",
    source=POOL + "Pool",
    asked=("pool.map returns a large array", "large return value of a process"),
)
def large_result(ctx):
    need_executor(ctx)
    with ctx.Pool(1) as pool:
        results = [pool.apply_async(many_bytes, (16 << 20,)).get(LIMIT)]
    with executor(ctx) as pool:
        results.append(pool.submit(many_bytes, 16 << 20).result(LIMIT))
    if results != [many_bytes(16 << 20)] * 2:
        raise RuntimeError("%r bytes came" % [len(result) for result in results])
    return yes()


if __name__ == "__main__":
    main()
