"""What can the objects of a multiprocessing Manager do?"""

import os

from _probe import describe, judged, main, no, question, raise_unexpected, run_child, yes
from _tasks import LIMIT, put_item, refusals, report, shared

REFERENCE = "https://docs.python.org/3/library/multiprocessing.html#multiprocessing.managers."
PROXIES = "https://docs.python.org/3/library/multiprocessing.html#proxy-objects"
STATE = "https://docs.python.org/3/library/multiprocessing.html#sharing-state-between-processes"


def iterate(numbers):
    """The child goes through a dictionary of a manager in a loop."""
    return sorted(key for key in numbers)


@question(
    "Can a child loop over a Manager's dict directly, 'for key in d'?",
    why="The iterator lives in the manager's process: the loop needs a second proxy, with a connection of its own.",
    do="Loop over d.keys(), d.items() or d.copy(), which fetch plain data at once.",
    source=REFERENCE + "SyncManager.dict",
    asked=(
        "Can a child iterate directly over a manager.dict() proxy (for k in d)?",
        "AttributeError: 'NoneType' object has no attribute '_registry'",
        "iterate over manager.dict() in a process",
    ),
)
def loop_over_dict(ctx):
    with ctx.Manager() as manager:
        numbers = manager.dict({1: "one", 2: "two"})
        seen = run_child(ctx, iterate, numbers)
        if seen.ok and seen.returned != [1, 2]:
            raise RuntimeError("the child saw %r" % (seen.returned,))
        if seen.ok:
            return yes()
        if seen.stage == "done" and seen.error.startswith("AttributeError"):
            return no(seen.error)
        return judged(ctx, seen, ())


def append_inside(numbers):
    """The child changes a managed list inside a managed dictionary."""
    numbers["list"].append(2)
    return True


@question(
    "If a child appends to a manager.list() inside a manager.dict(), is the item kept?",
    why="A plain list inside comes out as a copy, whose changes are lost; a managed list comes out as a proxy.",
    do="Put manager.list() and manager.dict() inside, or store the changed object again: d[key] = changed.",
    source=PROXIES,
    documented={"*": "yes"},
    asked=("nested manager dict not updating", "manager.dict() of lists is not updated"),
)
def nested_managed_list(ctx):
    with ctx.Manager() as manager:
        inner = manager.list([1])
        numbers = manager.dict({"list": inner})
        if report(ctx, append_inside, numbers) is not True:
            raise RuntimeError("the child did not change it")
        seen = list(inner)
    if seen not in ([1], [1, 2]):
        raise RuntimeError("the list is %r" % (seen,))
    return yes() if seen == [1, 2] else no("the list is %r" % (seen,))


def add_to(namespace, count):
    """The child sets an attribute and adds to one."""
    namespace.name = "child"
    namespace.count += count
    return True


@question(
    "Does the parent see attributes that a child sets on a Manager's Namespace?",
    why="It is the simplest shared object. But += on an attribute is two calls: another process can come in between.",
    do="Use a Manager's Lock around changes that read first.",
    source=REFERENCE + "SyncManager.Namespace",
    documented={"*": "yes"},
    asked=("share an object's attributes between processes",),
)
def namespace(ctx):
    with ctx.Manager() as manager:
        shared = manager.Namespace(name="parent", count=1)
        if report(ctx, add_to, shared, 2) is not True:
            raise RuntimeError("the child did not change it")
        seen = [shared.name, shared.count]
    if seen not in (["parent", 1], ["child", 3]):
        raise RuntimeError("the parent sees %r" % (seen,))
    return yes() if seen == ["child", 3] else no("the parent sees %r" % (seen,))


@question(
    "Can a Manager's Queue be an argument of a Pool task?",
    why="A multiprocessing.Queue cannot: it can only be passed while a process is being started.",
    do="Use Manager().Queue() where a queue must travel with a task.",
    source=PROXIES,
    documented={"*": "yes"},
    asked=("RuntimeError: Queue objects should only be shared between processes through inheritance",),
)
def queue_in_pool_task(ctx):
    with ctx.Manager() as manager:
        queue = manager.Queue()
        with ctx.Pool(1) as pool:
            done = pool.apply_async(put_item, (queue,)).get(LIMIT)
        if done is not True or queue.get(timeout=LIMIT) != "item":
            raise RuntimeError("the item did not come")
    return yes()


class Counter:
    """A class for a manager of one's own."""

    def __init__(self):
        self.count = 0

    def add(self, number):
        self.count += number
        return self.count

    def who(self):
        return os.getpid()


def count_on(counter):
    """The child uses the shared object."""
    return counter.add(2)


def own_manager(ctx, make, failures=()):
    """Answer whether a manager with one registered type works in parent and child; failures to start are a no."""
    from multiprocessing.managers import BaseManager

    BaseManager.register("Counter", make)  # a subclass would have to be at module level, for it is pickled
    manager = BaseManager(ctx=ctx)
    try:
        manager.start()
    except failures as error:
        return no(describe(error))
    with manager:
        counter = manager.Counter()
        if counter.who() == os.getpid():
            raise RuntimeError("the object is in this process")
        first, second = counter.add(1), report(ctx, count_on, counter)
    if (first, second) != (1, 3):
        raise RuntimeError("%r, %r" % (first, second))
    return yes()


@question(
    "Can a class of your own be shared through BaseManager.register()?",
    why="The object lives in the manager's process; the others call its methods through a proxy.",
    do="Register a class at module level before start(), your own or one of the library: queue.PriorityQueue, "
    "collections.deque. A proxy gives access to methods, not to attributes.",
    source=REFERENCE + "BaseManager.register",
    documented={"*": "yes"},
    asked=("share a custom object between processes", "multiprocessing custom manager class"),
)
def registered_class(ctx):
    return own_manager(ctx, Counter)


@question(
    "Does a manager start if BaseManager.register() was given a lambda?",
    why="start() sends the registry to the manager's process. Many examples register a lambda that returns a global "
    "object; with start() they work under fork only.",
    do="Register a function at module level.",
    source="https://docs.python.org/3/library/multiprocessing.html#using-a-remote-manager",
    asked=(
        "AttributeError: Can't pickle local object '<lambda>' in manager.start()",
        "PicklingError with BaseManager.register and a lambda",
    ),
)
def registered_lambda(ctx):
    return own_manager(ctx, lambda: Counter(), refusals())


@question(
    "Is a KeyError in a Manager's dict raised as KeyError in the caller?",
    why="Otherwise a failure in the manager's process would look like success.",
    do="Handle it like a local exception. A RemoteError with the other traceback comes only if the exception "
    "cannot be sent.",
    source=PROXIES,
    documented={"*": "yes"},
    asked=("multiprocessing.managers.RemoteError",),
)
def remote_exception(ctx):
    with ctx.Manager() as manager:
        try:
            manager.dict()["missing"]
        except KeyError as error:
            return yes(describe(error))
    raise RuntimeError("no exception")


@question(
    "Can a Manager's dict be read after the manager's with block?",
    why="The dict lives in the manager's process and ends with it; the proxy is only an address.",
    do="Copy what you need into plain data inside the block: d.copy(), l[:].",
    source=REFERENCE + "BaseManager.shutdown",
    documented={"*": "no"},
    asked=("FileNotFoundError: [Errno 2] No such file or directory in managers.py", "ConnectionRefusedError manager"),
)
def after_with(ctx):
    with ctx.Manager() as manager:
        numbers = manager.dict({1: "one"})
        if numbers[1] != "one":
            raise RuntimeError("it does not work at all")
    try:
        numbers[1]
    except (OSError, EOFError):
        return no("the connection fails, with an OSError or EOFError")
    return yes()


def ask_with_key(address, key):
    """A client of a manager, with a key of its own; the name of the error, or ''."""
    from multiprocessing import AuthenticationError
    from multiprocessing.managers import BaseManager

    try:
        BaseManager(address=address, authkey=key).connect()
    except AuthenticationError:
        return "AuthenticationError"
    return ""


@question(
    "Does a manager refuse a client that connects with another authkey?",
    why="Whoever can talk to a manager can run code in it: it unpickles what it is sent.",
    do="Give both sides the same secret authkey, and never let a manager listen on a public address.",
    source="https://docs.python.org/3/library/multiprocessing.html#authentication-keys",
    documented={"*": "yes"},
    asked=("multiprocessing.context.AuthenticationError: digest sent was rejected",),
)
def wrong_key(ctx):
    from multiprocessing.managers import BaseManager

    with BaseManager(authkey=b"right", ctx=ctx) as manager:
        right, wrong = (ask_with_key(manager.address, key) for key in (b"right", b"wrong"))
    if right:
        raise RuntimeError("the right key is refused: " + right)
    return yes(wrong) if wrong else no("it was let in")


@question(
    "Can a child run a task in a Pool made by a Manager?",
    why="The pool runs in the manager's process, and the child gets a proxy. A Pool itself cannot be passed.",
    do="Prefer one pool in the main program: here each task passes through one more process.",
    source=REFERENCE + "SyncManager",
    asked=("pass a Pool to a process", "manager.Pool()"),
)
def pool_of_manager(ctx):
    with ctx.Manager() as manager:
        pool = manager.Pool(1)
        seen = run_child(ctx, use_pool, pool)
        if seen.ok and seen.returned == 3:
            return yes()
        return judged(ctx, seen, ())


def use_pool(pool):
    """The child gives a task to the pool."""
    return pool.apply(abs, (-3,))


def set_item(proxy):
    """The child stores an item in the manager's process."""
    proxy["key"] = "child"
    return True


@question(
    "Does the parent see what a child stores in a Manager's dict passed as an argument?",
    why="The dict lives in a process of its own; what is passed is a proxy that knows its address. Each access is a "
    "message there and back: hundreds of times slower than with a dict.",
    do="Keep the manager running while children use its objects. Assign nested lists again after changing them. For "
    "many accesses take a copy, d.copy(), and store all at once with d.update(…).",
    documented={"*": "yes"},
    source=STATE,
    asked=("share a dict between processes", "Manager dict not updated in child"),
)
def manager_dict(ctx):
    with ctx.Manager() as manager:
        things = manager.dict()
        return shared(ctx, set_item, things, lambda: dict(things) == {"key": "child"})


def append_nested(proxy):
    """The child changes a list inside the dictionary."""
    proxy["list"].append(1)
    return True


@question(
    "If a child appends to a plain list inside a manager.dict(), is the item kept?",
    why="d['list'].append(1) fetches a copy of the list and changes that; nothing stores it back, and nothing "
    "is raised.",
    do="Assign it again (x = d['list']; x.append(1); d['list'] = x), or put a manager.list() inside.",
    documented={"*": "no"},
    source="https://docs.python.org/3/library/multiprocessing.html#proxy-objects",
    asked=("nested dict in manager.dict not updated", "manager list append inside dict has no effect"),
)
def plain_list_inside(ctx):
    with ctx.Manager() as manager:
        things = manager.dict({"list": []})
        seen = run_child(ctx, append_nested, things)
        if not (seen.ok and seen.returned is True):
            raise_unexpected(ctx, seen)
        stored = things["list"]
        if stored not in ([], [1]):
            raise RuntimeError("the manager's list is %r" % (stored,))
        return yes() if stored else no("the child appended, the manager's list is still []")


if __name__ == "__main__":
    main()
