"""What works in subclasses of Process, and with objects that hold processes, pools and executors?"""

import multiprocessing
import threading

from _probe import REFUSALS, answer, can_use, judged, main, no, question, run_child, run_process, yes

PICKLABLE = "https://docs.python.org/3/library/multiprocessing.html#the-spawn-and-forkserver-start-methods"
PROCESS = "https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Process"
RUN = "https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Process.run"


def started(ctx, process_class, **options):
    """Answer whether process_class(report) can be started under the method, where its run() reports True.

    The classes derive from multiprocessing.Process, as those in real programs do: it follows the default method.
    """
    multiprocessing.set_start_method(ctx.get_start_method())
    return judged(ctx, run_process(process_class), **options)


class Worker(multiprocessing.Process):
    """A process class as in the tutorials."""

    def __init__(self, report):
        multiprocessing.Process.__init__(self)
        self.report = report

    def run(self):
        """What the child does."""
        answer(self.report)


@question(
    "Can a subclass of Process that overrides run() be started?",
    why="The Process object itself is what is passed then: it has to be picklable, with all its attributes.",
    do="Define the class at module level and call super().__init__() first.",
    documented={"*": "yes"},
    source=RUN,
    asked=("subclass multiprocessing.Process",),
)
def process_subclass(ctx):
    return started(ctx, Worker)


@question(
    "Can a subclass of Process that is defined in a function be started?",
    why="The child has to find the class by its name in a module, as it has to find functions.",
    do="Move the class to module level.",
    documented={"fork": "yes", "*": "no"},
    source=PICKLABLE,
    asked=("AttributeError: Can't pickle local object", "_pickle.PicklingError: Can't pickle local object"),
)
def local_subclass(ctx):
    class Local(Worker):
        """A class that no other process can find."""

    return started(ctx, Local)


class LockedWorker(Worker):
    """A process class that makes a lock too early."""

    def __init__(self, report):
        Worker.__init__(self, report)
        self.lock = threading.Lock()

    def run(self):
        with self.lock:
            answer(self.report)


@question(
    "Can a subclass of Process that makes a threading.Lock in __init__ be started?",
    why="What __init__ stores in self is made in the parent and has to be pickled, as the arguments of a Process have.",
    do="Make such things in run(), which runs in the child.",
    documented={"fork": "yes", "*": "no"},
    source=PICKLABLE,
    asked=(
        "TypeError: cannot pickle '_thread.lock' object",
        "subclass of Process with a logger, database or queue attribute",
    ),
)
def lock_made_in_init(ctx):
    return started(ctx, LockedWorker)


class LateWorker(Worker):
    """A process class that makes its lock in the child."""

    def run(self):
        self.lock = threading.Lock()
        with self.lock:
            answer(self.report)


@question(
    "Can a subclass of Process that makes its threading.Lock in run() be started?",
    why="run() runs in the child, so that nothing it makes has to be pickled.",
    do="Do the same with everything that cannot be pickled.",
    documented={"*": "yes"},
    source=PICKLABLE,
    asked=("where to create resources in a Process subclass",),
)
def lock_made_in_run(ctx):
    return started(ctx, LateWorker)


class CarelessWorker(Worker):
    """A process class that forgets its base class."""

    def __init__(self, report):  # pylint: disable=super-init-not-called
        self.report = report


@question(
    "Can a subclass of Process be started whose __init__ does not call super().__init__()?",
    why="The base class keeps the state of the process in private attributes; start() fails because one of them "
    "is missing.",
    do="Call super().__init__() first in __init__.",
    documented={"*": "no"},
    source=PROCESS,
    asked=("AttributeError: 'Worker' object has no attribute '_closed'", "object has no attribute '_popen'"),
)
def missing_super_init(ctx):
    return started(ctx, CarelessWorker, failures=("AttributeError", "AssertionError"))


class ResultWorker(Worker):
    """A process class that keeps its result in itself."""

    result = None

    def run(self):
        self.result = 42
        answer(self.report)


@question(
    "Does the parent see an attribute that run() of a Process subclass sets on self?",
    why="That works with threading.Thread. A process has its own copy of the object; the parent's attribute "
    "does not change.",
    do="Give the object a Queue or Pipe for its result, or use a pool or executor.",
    source="https://docs.python.org/3/library/multiprocessing.html#exchanging-objects-between-processes",
    asked=("self.result is None after join()", "get result from Process subclass"),
)
def attribute_set_in_run(ctx):
    multiprocessing.set_start_method(ctx.get_start_method())
    made = []

    def make(report):
        made.append(ResultWorker(report))
        return made[0]

    seen = run_process(make)
    if not seen.ok:
        return judged(ctx, seen, ())
    if made[0].result == 42:
        return yes()
    return no("the child set self.result to 42, the parent's is %r" % (made[0].result,))


class OptionWorker(Worker):
    """A process class with an option that is set after it was made."""

    option = None

    def run(self):
        answer(self.report, self.option)


@question(
    "Does run() of a Process subclass see an attribute that was set before start()?",
    why="The object is copied or pickled when the process is started, with all that it has by then.",
    do="Set attributes before start(), not after it.",
    documented={"fork": "yes"},
    source=PICKLABLE,
    asked=("set attribute on Process object before start",),
)
def attribute_set_before_start(ctx):
    multiprocessing.set_start_method(ctx.get_start_method())

    def make(report):
        process = OptionWorker(report)
        process.option = "set"
        return process

    seen = run_process(make)
    if not seen.ok:
        return judged(ctx, seen, ())
    if seen.returned not in ("set", None):
        raise RuntimeError("the child has %r" % (seen.returned,))
    return yes() if seen.returned == "set" else no("the child has the option as it was made")


def name_of(process):
    """The child reads the process object's name."""
    return process.name == "passed"


@question(
    "Can a Process that was not started yet be passed as an argument to another one?",
    why="A controller object that keeps a list of future workers, and whose method is a target, passes them all.",
    do="Start a process in the process that made it: elsewhere it cannot be joined.",
    source=PICKLABLE,
    documented={"fork": "yes"},
    asked=("TypeError: Pickling an AuthenticationString object is disallowed for security reasons",),
)
def unstarted_process(ctx):
    return can_use(ctx, name_of, ctx.Process(name="passed"))


@question(
    "Can a Process that was started, and has ended, be passed as an argument to another one?",
    why="An object with self.process and target=self.method works for its first process, and fails for the next.",
    do="Keep Process objects out of what is passed: drop them in __getstate__, or use a plain function as the target.",
    source=PICKLABLE,
    documented={"fork": "yes"},
    asked=(
        "TypeError: cannot pickle 'weakref' object",
        "TypeError: cannot pickle 'weakref.ReferenceType' object",
        "second Process of the same object fails to start",
        "Process object as instance variable or attribute",
    ),
)
def started_process(ctx):
    process = ctx.Process(name="passed")
    process.start()
    process.join()
    return can_use(ctx, name_of, process)


class Holder:
    """An object that keeps a pool or an executor beside its data."""

    def __init__(self, pool):
        self.pool = pool
        self.data = 7

    def work(self):
        """A method that does not need the pool."""
        return self.data == 7


@question(
    "Can an object that keeps a Pool in an attribute be passed to a child?",
    why="self.pool.map(self.work, …) pickles self, and with it the pool, although the task never uses it.",
    do="Make the task a plain function, keep the pool out of self, or drop it in __getstate__.",
    source=PICKLABLE,
    methods=("spawn", "forkserver"),  # fork would copy a process with the pool's threads in any state
    asked=("NotImplementedError: pool objects cannot be passed between processes or pickled",),
)
def pool_attribute(ctx):
    with ctx.Pool(1) as pool:
        return judged(ctx, run_child(ctx, Holder(pool).work), REFUSALS + ("NotImplementedError",))


@question(
    "Can an object that keeps an unused ThreadPoolExecutor in an attribute be passed to a child?",
    why="A ThreadPoolExecutor has locks and queues, and is pickled with the object. Its threads start with the first "
    "task, so that there are none here. A ProcessPoolExecutor is not tested.",
    do="Make the executor where it is used, or drop it in __getstate__.",
    documented={"fork": "yes"},
    source=PICKLABLE,
    asked=("TypeError: cannot pickle '_queue.SimpleQueue' object", "TypeError: cannot pickle '_thread.lock' object"),
)
def executor_attribute(ctx):
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as executor:  # its threads start with the first task
        return can_use(ctx, Holder(executor).work)


if __name__ == "__main__":
    main()
