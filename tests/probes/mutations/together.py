"""Alterations of what the probes of together observe."""

from tests.probes.mutation import BRIEF, POSIX, child, python

CLIENT = """
import multiprocessing.managers as m
def shutdown(self):
    connection = m.connection.Client(self._address, authkey=self._authkey)
    m.dispatch(connection, None, "shutdown")
    connection.close()
m.BaseManager.shutdown = shutdown
"""
"""A Python in which every manager has the method."""
OLD_PROXY = """
import multiprocessing.managers as m
auto = m.AutoProxy
def old(token, serializer, manager=None, authkey=None, exposed=None, incref=True):
    return auto(token, serializer, manager, authkey, exposed, incref)
m.AutoProxy = old
"""
KILLED = """
import subprocess, time
popen = subprocess.Popen
def killed(*args, **options):
    process = popen(*args, **options)
    process.kill()
    process.wait = lambda: time.sleep(30)
    return process
subprocess.Popen = killed
"""
SERVING = "assets/together_serving.py"

MUTATIONS = (
    child(
        "together.daemon_at_sigterm",
        "fork",
        '    wait_for(path)\n    note(path + ".alive", "")',
        "    import multiprocessing\n    multiprocessing.parent_process().join()",
        "no > yes",
    ),
    child("together.daemon_at_exit_handler", "fork", "    sys.exit(0)", "    os._exit(0)", "yes > no"),
    child(
        "together.ignored_at_start",
        "fork spawn",
        "    signal.signal(signal.SIGINT, signal.SIG_IGN)\n    seen",
        "    seen",
        "yes > no",
        only=POSIX + " and platform_python_implementation == 'CPython'",
    ),
    child(
        "together.ignored_at_start",
        "forkserver",
        "    os.kill(os.getpid(), signal.SIGINT)",
        "    signal.signal(signal.SIGINT, signal.SIG_IGN)",
        "no > yes",
    ),
    child(
        "together.program_of_terminated",
        "fork",
        "import os\nimport sys\n",
        BRIEF + KILLED + "import os\nimport sys\n",
        "yes > no",
    ),
    child("together.transaction_of_parent", "none", "str(connection.close())", "str(None)", "no > yes"),
    python("together.forking_server", "none", "import socketserver as s; s.ForkingTCPServer = s.TCPServer", "no > yes"),
    python(
        "together.connection_in_loop",
        "fork",
        "import asyncio\ndef refused(self, *args):\n    raise NotImplementedError\n"
        "asyncio.SelectorEventLoop.add_reader = refused",
        "yes > no",
    ),
    python(
        "together.own_log",
        "fork spawn",
        "import multiprocessing.util as u; u.log_to_stderr = lambda level=None: None",
        "yes > no",
    ),
    python(
        "together.log_through_queue",
        "none",
        "import multiprocessing.queues as q; q.debug = lambda *args: None",
        "no > yes",
    ),
    python(
        "together.assigned_stdout",
        "fork",
        "import multiprocessing.util as u; u._flush_std_streams = lambda: None",
        "yes > no",
    ),
    child(
        "together.start_of_other",
        "fork",
        "    process.start()\n    process.join()\n    return process.exitcode",
        "    process._parent_pid = os.getpid()\n    process.start()\n    process.join()\n    return process.exitcode",
        "no > yes",
    ),
    python(
        "together.lock_of_value",
        "none",
        "import multiprocessing.context as c; c.BaseContext.RLock = c.BaseContext.Lock",
        "yes > no",
    ),
    python("together.queue_in_dict", "none", OLD_PROXY, "yes > no", only=POSIX + ' and python_version >= "3.9"'),
    child(
        "together.registered_late",
        "none",
        '    BaseManager.register("early", dict)',
        '    BaseManager.register("early", dict)\n    BaseManager.register("late", dict)',
        "no > yes",
    ),
    python("together.shutdown_by_client", "none", CLIENT, "no > yes"),
    child(
        "together.manager_at_end",
        "fork",
        "    ctx.Process(target=work, args=(shared, sys.argv[1])).start()",
        "    process = ctx.Process(target=work, args=(shared, sys.argv[1]))\n    process.start()\n"
        "    import atexit\n    atexit.register(process.join)",
        "no > yes",
        file="assets/together_manager.py",
    ),
    python(
        "together.status_taken",
        "none",
        "import os, subprocess as s; waitpid = os.waitpid\n"
        "os.waitpid = lambda pid, how: (left[0], 3 << 8) if pid == -1 else waitpid(pid, how)\n"
        "left = []; popen = s.Popen.__init__\n"
        "def made(self, *args, **options):\n    popen(self, *args, **options)\n    left.append(self.pid)\n"
        "s.Popen.__init__ = made",
        "no > yes",
    ),
    child("together.endless_main", "spawn", "\n\nserve()", "\n    serve()", "no > yes", file=SERVING),
    child(
        "together.endless_main",
        "fork",
        "    multiprocessing.get_context(METHOD)",
        '    multiprocessing.get_context("spawn")',
        "yes > no",
        file=SERVING,
    ),
    python(
        "together.default_executor",
        "none",
        "import asyncio.base_events as b\n"
        "def take(self, executor):\n    self._default_executor = executor\nb.BaseEventLoop.set_default_executor = take",
        "no > yes",
        only=POSIX + ' and python_version >= "3.11"',
    ),
    python(
        "together.waiting_in_thread",
        "none",
        "import multiprocessing.queues as q; get = q.Queue.get\n"
        "def impatient(self, block=True, timeout=0.2):\n    return get(self, block, timeout)\nq.Queue.get = impatient",
        "no > yes",
        only=POSIX + ' and python_version >= "3.9"',
    ),
    python(
        "together.no_workers",
        "none",
        "import multiprocessing.pool as p; init = p.Pool.__init__\n"
        "def at_least_one(self, processes=None, *args, **options):\n"
        "    init(self, processes or 1, *args, **options)\np.Pool.__init__ = at_least_one",
        "yes > no",
    ),
)
