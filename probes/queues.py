"""How do the queues behave that connect processes?"""

import os
import threading

from _probe import describe, judged, main, no, printed, question, run_child, scratch, value, wait_until, yes
from _tasks import LIMIT, put_item, shared

GUIDELINES = "https://docs.python.org/3/library/multiprocessing.html#all-start-methods"
QUEUES = "https://docs.python.org/3/library/multiprocessing.html#pipes-and-queues"
REFERENCE = "https://docs.python.org/3/library/multiprocessing.html#multiprocessing."
BIG = 1000000  # bytes: more than the buffer of a pipe on any platform
EXCHANGE = "https://docs.python.org/3/library/multiprocessing.html#exchanging-objects-between-processes"
KEEP = "Make it from the same context as the process, and keep a reference to it until the child has started."


def put_big(queue, path):
    """The child puts more than a pipe holds, and says when put() has returned."""
    queue.put(b"x" * BIG)
    with open(path, "w"):
        pass


@question(
    "Does a child that put 1 MB into a Queue end within 1 s if nobody reads the queue?",
    why="put() returns at once, but at its end the child waits until everything is written to the pipe. join() "
    "before get() therefore waits for ever.",
    do="Read everything from the queue first, then join the child.",
    documented={"*": "no"},
    source=GUIDELINES,
    asked=(
        "Does p.join() before q.get() hang when the child put an item bigger than the pipe buffer, and "
        "what is the size threshold per OS?",
        "Process.join() hangs with a queue",
        "multiprocessing deadlock when putting large data in queue",
        "child process does not exit after the target has returned",
        "program with a queue hangs, never completes",
    ),
)
def join_before_get(ctx):
    queue = ctx.Queue()
    path = scratch("put-%d" % os.getpid())
    process = ctx.Process(target=put_big, args=(queue, path))
    process.start()
    try:
        if not wait_until(lambda: os.path.exists(path) or process.exitcode is not None, LIMIT):
            raise RuntimeError("put() did not return")
        process.join(1)
        if process.exitcode is not None:
            return judged_end(process.exitcode)
        assert len(queue.get(timeout=LIMIT)) == BIG
        process.join(LIMIT)
        if process.exitcode != 0:
            raise RuntimeError("the queue was read, and the child's exit code is %r" % (process.exitcode,))
        return no("it still ran 1 s after its target had returned, and ended when the queue was read")
    finally:
        process.kill()
        process.join()
        if os.path.exists(path):
            os.remove(path)


def judged_end(exitcode):
    """Answer yes for a child that ended as it should."""
    if exitcode != 0:
        raise RuntimeError("the child's exit code is %r" % (exitcode,))
    return yes()


def put_and_cancel(queue):
    """The child puts more than a pipe holds, and does not care whether it arrives."""
    queue.cancel_join_thread()
    queue.put(b"x" * BIG)
    return True


@question(
    "Does a child with 1 MB in an unread Queue end after Queue.cancel_join_thread()?",
    why="It discards what is not written yet instead of waiting for a reader.",
    do="Call it in the child when its data may be lost, for instance while shutting down.",
    documented={"*": "yes"},
    source=REFERENCE + "Queue.cancel_join_thread",
    asked=("make join() return without reading the queue",),
)
def cancel_join_thread(ctx):
    queue = ctx.Queue()
    return judged(ctx, run_child(ctx, put_and_cancel, queue, timeout=LIMIT), ())


@question(
    "Does Queue.put() raise for a threading.Lock, which cannot be pickled?",
    why="put() only appends to a buffer. A thread pickles later, prints the error and drops the item; a reader that "
    "counts on it waits for ever. The next item arrives.",
    do="Call pickle.dumps() on doubtful objects first, or use a SimpleQueue, which pickles in put().",
    source=QUEUES,
    documented={"*": "yes"},
    asked=("Queue.put TypeError cannot pickle printed but not raised", "item is lost in multiprocessing queue"),
)
def unpicklable_put(ctx):
    queue = ctx.Queue()
    try:
        try:
            queue.put(threading.Lock())
        except Exception as error:
            return yes(describe(error))
        if not wait_until(lambda: "pickle" in printed(), LIMIT):
            raise RuntimeError("put() returned, and nothing was printed")
        queue.put("next")
        got = queue.get(timeout=LIMIT)
        if got != "next":
            raise RuntimeError("the item was printed about, and got: %r" % (got,))
        return no("put() returned; its thread printed the error and dropped the item")
    finally:
        queue.close()
        queue.join_thread()


@question(
    "Does SimpleQueue.put() raise for a threading.Lock, which cannot be pickled?",
    why="It has no buffer and no thread, so that the error is raised where it was caused.",
    do="Use it where you want to see such errors; put() then blocks while the pipe is full.",
    source="https://docs.python.org/3/library/multiprocessing.html#multiprocessing.SimpleQueue",
    asked=("TypeError: cannot pickle '_thread.lock' object",),
)
def unpicklable_simple_put(ctx):
    import pickle

    queue = ctx.SimpleQueue()
    try:
        queue.put(threading.Lock())
    except (TypeError, pickle.PicklingError) as error:
        return yes(describe(error))
    return no("put() returned")


@question(
    "Does multiprocessing.Queue implement qsize()?",
    why="It asks the operating system for the value of a semaphore, which macOS does not implement.",
    do="Count what you put and get yourself, or use Manager().Queue(). The size is only approximate anyway.",
    documented={'sys_platform == "darwin"': "no", "*": "yes"},
    source=REFERENCE + "Queue.qsize",
    methods=(),
    asked=(
        "Is Queue.qsize() (and Semaphore.get_value()) implemented on this platform?",
        "NotImplementedError from Queue.qsize() on macOS",
    ),
)
def qsize():
    import multiprocessing

    queue = multiprocessing.Queue()
    queue.put("item")
    try:
        size = queue.qsize()
    except NotImplementedError as error:
        return no(describe(error))
    finally:
        queue.get(timeout=LIMIT)
        queue.close()
        queue.join_thread()
    if size != 1:
        raise RuntimeError("one item, and qsize() is %r" % (size,))
    return yes()


@question(
    "Does put() on a closed Queue raise ValueError?",
    why="close() says that this process will put no more. Up to Python 3.7 an AssertionError was raised.",
    do="Close a queue only after the last put() of this process.",
    documented={"*": "yes"},
    source=REFERENCE + "Queue.put",
    methods=(),
    asked=("ValueError: Queue <multiprocessing.queues.Queue object> is closed",),
)
def put_after_close():
    import multiprocessing

    queue = multiprocessing.Queue()
    queue.close()
    try:
        queue.put("item")
    except ValueError as error:
        return yes(describe(error))
    except Exception as error:
        return no(describe(error))
    return no("put() returned")


@question(
    "What does Queue.empty() return or raise after close()?",
    why="Code that drains a queue in a loop behaves differently once the queue is closed, and differently by version.",
    do="Do not ask a closed queue; end the loop with a sentinel item.",
    source=REFERENCE + "Queue.empty",
    methods=(),
    asked=("OSError: handle is closed", "ValueError: Queue is closed"),
)
def empty_after_close():
    import multiprocessing

    queue = multiprocessing.Queue()
    queue.close()
    try:
        return value(repr(queue.empty()))
    except Exception as error:
        return value(describe(error))


@question(
    "Does multiprocessing.SimpleQueue have a close() method?",
    why="Without it the pipe stays open until the queue is garbage collected, and programs run out of descriptors.",
    do="On Python 3.8, drop all references to the queue.",
    documented={'python_version >= "3.9"': "yes", "*": "no"},
    source=REFERENCE + "SimpleQueue.close",
    methods=(),
    asked=("AttributeError: 'SimpleQueue' object has no attribute 'close'",),
)
def simple_queue_close():
    import multiprocessing

    queue = multiprocessing.SimpleQueue()
    try:
        close = queue.close
    except AttributeError as error:
        return no(describe(error))
    close()
    return yes()


@question(
    "Does the parent get what a child puts into a Queue passed as a Process argument?",
    why="It is the usual way to get results back. Any number of processes and threads may put and get; the items of "
    "one keep their order. put() waits where Queue(maxsize) is full.",
    do="Make it from the same context as the process, and keep a reference to it until the child has started. Read "
    "the queue before joining the child. A GUI never waits: a timer (after() of tkinter, QTimer) takes what there is "
    "with get_nowait().",
    documented={"*": "yes"},
    source=EXCHANGE,
    asked=(
        "How do I get a return value from a Process?",
        "Queue objects should only be shared between processes through inheritance",
    ),
)
def queue(ctx):
    queue = ctx.Queue()
    got = []
    try:
        return shared(ctx, put_item, queue, lambda: got == ["item"], lambda: got.append(queue.get(timeout=LIMIT)))
    finally:
        queue.close()
        queue.join_thread()


@question(
    "Does the parent get what a child puts into a SimpleQueue passed as an argument?",
    why="It has no feeder thread, so that put() raises its errors at once.",
    do=KEEP,
    documented={"*": "yes"},
    source="https://docs.python.org/3/library/multiprocessing.html#pipes-and-queues",
    asked=("SimpleQueue multiprocessing",),
)
def simple_queue(ctx):
    queue = ctx.SimpleQueue()
    return shared(ctx, put_item, queue, lambda: not queue.empty() and queue.get() == "item")


@question(
    "Does a child's put() into a JoinableQueue count as an open task in the parent?",
    why="The count of open tasks must be shared, or join() would return too early or never.",
    do=KEEP,
    documented={"*": "yes"},
    source="https://docs.python.org/3/library/multiprocessing.html#multiprocessing.JoinableQueue",
    asked=("ValueError: task_done() called too many times",),
)
def joinable_queue(ctx):
    queue = ctx.JoinableQueue()
    got = []

    def get():
        got.append(queue.get(timeout=LIMIT))
        queue.task_done()  # raises ValueError if the child's put() was not counted here
        queue.join()

    try:
        return shared(ctx, put_item, queue, lambda: got == ["item"], get)
    finally:
        queue.close()
        queue.join_thread()


if __name__ == "__main__":
    main()
