"""Alterations of what the probes of corners observe."""

from tests.probes.mutation import BRIEF, CPYTHON, LINUX, POSIX, child, python

BEFORE_13 = POSIX + ' and python_version < "3.13"'
SINCE_13 = POSIX + ' and python_version >= "3.13"'
BEFORE_14 = POSIX + ' and python_version < "3.14"'
SINCE_14 = POSIX + ' and python_version >= "3.14"'
SINCE_15 = POSIX + ' and python_version >= "3.15"'

FIVE_MAY_WAIT = """
import multiprocessing.connection as c, multiprocessing.managers as m
m.listener_client["pickle"] = (lambda address, backlog: c.Listener(address, backlog=5), c.Client)
"""
SEVEN_MAY_WAIT = "import multiprocessing.connection as c; c.Listener.__init__.__defaults__ = (None, None, 7, None)"
DEFAULT_TIMEOUT = """
import multiprocessing.connection as c
make = c.SocketListener.__init__
def init(self, *some, **more):
    make(self, *some, **more)
    self._socket.settimeout(0.1)
c.SocketListener.__init__ = init
"""
NO_TIMEOUT = (
    BRIEF
    + """
import multiprocessing.connection as c
accept = c.SocketListener.accept
def patient(self):
    self._socket.setblocking(True)
    return accept(self)
c.SocketListener.accept = patient
"""
)
REFUSED_SIZE = """
import multiprocessing.connection as c
def refuse(self, data):
    raise OverflowError("too large")
c.Connection._send_bytes = refuse
"""
ONE_MORE = """
import multiprocessing.shared_memory as s
store = s.ShareableList.__setitem__
s.ShareableList.__setitem__ = lambda self, place, number: store(self, place, number + 1)
"""
SILENT_START = """
import multiprocessing.managers as m
begin = m.BaseManager.start
m.BaseManager.start = lambda self: begin(self) if self._state.value == m.State.INITIAL else None
"""
RESTART = """
import multiprocessing.managers as m
begin = m.BaseManager.start
def start(self):
    self._state.value, self._address = m.State.INITIAL, None
    begin(self)
m.BaseManager.start = start
"""
LEAKING_SHUTDOWN = """
import os, concurrent.futures.process as f
end = f.ProcessPoolExecutor.shutdown
def shutdown(self, *some, **more):
    os.dup(0)
    end(self, *some, **more)
f.ProcessPoolExecutor.shutdown = shutdown
"""
ANY_KEYWORDS = """
import multiprocessing.process as p
make = p.BaseProcess.__init__
p.BaseProcess.__init__ = lambda self, target, kwargs: make(self, None, target, kwargs=kwargs or {})
"""
NO_KEYWORDS = """
import multiprocessing.process as p
make = p.BaseProcess.__init__
p.BaseProcess.__init__ = lambda self, target, kwargs: make(self, None, target, kwargs=dict(kwargs))
"""
WARNED = "import os; os.environ['PYTHONWARNINGS'] = 'default::ImportWarning'"
OTHER_COMMAND = """
import multiprocessing.util as u
run = u.spawnv_passfds
def spawn(path, words, kept):
    old = "from multiprocessing.forkserver"
    return run(path, [str(word).replace(old, "from  " + old[5:]) if old in str(word) else word for word in words], kept)
u.spawnv_passfds = spawn
"""

LEAK = "print(SharedMemory(create=True, size=16).name, flush=True)"
NO_LEAK = "block = SharedMemory(create=True, size=16); block.unlink(); print(block.name, flush=True)"
PRELOADED = "ARGUMENTS = list(sys.argv)"

MUTATIONS = (
    python("corners.clients_of_manager", "none", FIVE_MAY_WAIT, "129 > 6", LINUX + ' and python_version >= "3.13"'),
    python("corners.clients_of_listener", "none", SEVEN_MAY_WAIT, "2 > 8", LINUX),
    python("corners.default_timeout_of_accept", "none", DEFAULT_TIMEOUT, "no > yes"),
    python("corners.socket_timeout_of_accept", "none", NO_TIMEOUT, "yes > no"),
    python("corners.four_gibibytes", "none", REFUSED_SIZE, "yes > no", CPYTHON),
    child(
        "corners.brief_event",
        "fork spawn",
        "return event.wait(LIMIT)",
        "event.wait(LIMIT)\n    return True",
        "no > yes",
    ),
    python("corners.item_increment", "fork spawn", ONE_MORE, "no > yes"),
    python(
        "corners.ending_thread",
        "none",
        "import threading; threading.Thread.is_alive = lambda self: True",
        "yes > no",
        CPYTHON,
    ),
    python("corners.manager_started_twice", "spawn", SILENT_START, "yes > no"),
    python("corners.manager_started_again", "fork", RESTART, "no > yes"),
    python(
        "corners.locked_of_managed_lock",
        "none",
        "import multiprocessing.managers as m; del m.AcquirerProxy.locked",
        "yes > no",
        SINCE_14,
    ),
    python(
        "corners.locked_of_managed_lock",
        "none",
        "import multiprocessing.managers as m; m.AcquirerProxy.locked = lambda self: False",
        "no > error",
        BEFORE_14,
    ),
    child("corners.manager_of_child", "fork spawn", 'block.buf[:3] = b"own"', 'block.buf[:3] = b"our"', "yes > error"),
    child("corners.asyncio_server", "fork spawn", "readline()).upper()", "readline()).lower()", "yes > error"),
    child("corners.loop_with_workers", "fork spawn", "(pool, abs, -5)", "(pool, abs, -6)", "yes > error"),
    child(
        "corners.false_exception",
        "fork spawn",
        "def __bool__(self):\n        return False",
        "def __bool__(self):\n        return True",
        "no > yes",
        BEFORE_13,
    ),
    child("corners.false_exception", "fork spawn", 'raise Falsy("empty")', "return 7", "yes > error", SINCE_14),
    child("corners.died_while_sending", "fork spawn", "os._exit(7)", "return 7", "yes > error", SINCE_13),
    python("corners.short_lived_executors", "fork spawn", LEAKING_SHUTDOWN, "yes > no"),
    child("corners.chunk_of_executor", "fork spawn", '["", path], chunksize=2', '["", path], chunksize=1', "no > yes"),
    child(
        "corners.chain_as_task",
        "fork spawn",
        "return pool.apply_async(length, (chain,)).get(LIMIT)",
        "return 5000",
        "no > yes",
        BEFORE_14 + " and platform_python_implementation == 'CPython'",
    ),
    child(
        "corners.chain_as_task",
        "fork spawn",
        "chain.next_one, count + 1",
        "chain.next_one, count + 2",
        "yes > error",
        SINCE_14,
    ),
    child("corners.names_of_leaks", "none", LEAK, NO_LEAK, "no > error", BEFORE_13),
    child("corners.names_of_leaks", "none", LEAK, NO_LEAK, "yes > error", SINCE_13),
    child(
        "corners.arguments_at_preload",
        "forkserver",
        PRELOADED,
        "ARGUMENTS = ['my-program', 'word']",
        "no > yes",
        BEFORE_13,
    ),
    child("corners.arguments_at_preload", "forkserver", PRELOADED, "ARGUMENTS = ['-c']", "yes > no", SINCE_15),
    python("corners.warning_of_preload", "forkserver", WARNED, "no > yes", SINCE_15),
    python(
        "corners.command_line_of_server",
        "forkserver",
        OTHER_COMMAND,
        "'-c from multiprocessing.forkserver import main; main(…)' > "
        "'-c from  multiprocessing.forkserver import main; main(…)'",
        BEFORE_13,
    ),
    child(
        "corners.builtin_sentinel", "spawn", "return thing is MISSING", "return thing is None", "yes > error", SINCE_15
    ),
    child("corners.frozen_dict", "spawn", 'mapping["one"] == 1', 'mapping["one"] == 2', "yes > error", SINCE_15),
    child("corners.lazy_imports_mode", "fork", "return sys.get_lazy_imports()", 'return "none"', "yes > no", SINCE_15),
    python("corners.keywords_none", "none", ANY_KEYWORDS, "no > yes", BEFORE_14),
    python("corners.keywords_none", "none", NO_KEYWORDS, "yes > no", SINCE_15),
)
