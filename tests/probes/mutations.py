"""Alterations of what probes observe: each row says how an answer must change when the world does.

What is altered is the child, a script that a probe launches, or Python itself (by code that runs before the theme is
imported, in every process); never the code that judges.
"""

from __future__ import annotations

from dataclasses import dataclass

POSIX = 'sys_platform != "win32"'
LINUX = 'sys_platform == "linux"'
OLD = POSIX + ' and python_version < "3.13"'
NEW = POSIX + ' and python_version >= "3.11"'
CPYTHON = LINUX + " and platform_python_implementation == 'CPython'"
PATHS = POSIX + ' and python_version < "3.14"'
FORK = LINUX + ' and python_version < "3.14"'
INTERPRETERS = LINUX + ' and python_version >= "3.14"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """One alteration. Answers are what a probe prints: an outcome, or repr() of a value."""

    probe: str
    methods: tuple[str, ...]
    file: str
    """Altered file, relative to probes/."""
    old: str
    new: str
    before: str
    after: str
    """`error` where the probe must refuse: what it then sees is neither yes nor no."""
    only: str
    """PEP 508 marker: where the unaltered answer is so."""
    refusable: bool = False
    """Whether the system may refuse what the probe needs, such as mounts: it is then `unavailable`, unaltered."""


def child(
    probe: str,
    method: str,
    old: str,
    new: str,
    answers: str,
    only: str = POSIX,
    file: str = "",
    *,
    refusable: bool = False,
) -> Mutation:
    """Something else is done in the child, or by the script that is launched. answers: 'before > after'."""
    before, _, after = answers.partition(" > ")
    theme = probe.partition(".")[0] + ".py"
    return Mutation(
        probe=probe, methods=tuple(method.split()), file=file or theme, old=old, new=new, before=before, after=after,
        only=only, refusable=refusable,
    )  # fmt: skip


def python(probe: str, method: str, code: str, answers: str, only: str = POSIX, *, refusable: bool = False) -> Mutation:
    """Python itself is another: code that runs before all of the theme's own."""
    start = "from _probe import"
    return child(probe, method, start, code.strip() + "\n" + start, answers, only, refusable=refusable)


PICKLE_LOCK = "import copyreg, threading as t; copyreg.pickle(type(t.Lock()), lambda lock: (t.Lock, ()))"
NOT_DAEMONIC = "    import multiprocessing; multiprocessing.current_process()._config['daemon'] = False\n"
NO_EXIT = (
    "    here.recv()\n    from multiprocessing.util import _exit_function as end; atexit.unregister(end)\n    children"
)
HASTY = (  # notify() that wakes, and does not wait until they are awake
    "import multiprocessing.synchronize as s\ndef notify(self, n=1):\n"
    "    while n and self._sleeping_count.acquire(False):\n"
    "        self._wait_semaphore.release()\n        n -= 1\ns.Condition.notify = notify"
)
KEEP = "    use.kept = thing\n    return thing.sent\n"
MP = "import multiprocessing, multiprocessing.process as p, multiprocessing.context as c\n"
EXECUTOR = "import concurrent.futures.process as f; e = f.ProcessPoolExecutor\n"

MUTATIONS = (
    child("arguments.threading_lock", "fork", "taken = lock.acquire(timeout=1)", "taken = False", "yes > error"),
    python("arguments.threading_lock", "forkserver", PICKLE_LOCK, "no > yes"),
    python(
        "arguments.text_file",
        "spawn",
        "import copyreg, io; copyreg.pickle(io.TextIOWrapper, lambda file: (open, (file.name,)))",
        "no > yes",
    ),
    child("arguments.mutation_seen_by_parent", "fork", "numbers.append(2)", "numbers.append(3)", "no > error"),
    child(
        "arguments.keyword_arguments",
        "spawn",
        '[left, right] == ["a", "b"]',
        '[left, right] == ["a", None]',
        "yes > error",
    ),
    child(
        "availability.starts",
        "spawn",
        "return [os.getpid(), os.getppid(), _main_pid]",
        "return [os.getpid(), os.getppid(), os.getppid()]",
        "yes > error",
        file="_probe.py",
    ),
    child(
        "availability.starts",
        "fork",
        "return [os.getpid(), os.getppid(), _main_pid]",
        "return [os.getppid(), os.getppid(), _main_pid]",
        "yes > error",
        file="_probe.py",
    ),
    child(
        "callables.lambda_target",
        "fork",
        "lambda report: answer(report))",
        "lambda report: answer(report, 0))",
        "yes > error",
    ),
    python(
        "atomicity.changed_after_put",
        "none",
        "import copy, multiprocessing.queues as q; put = q.Queue.put\n"
        "q.Queue.put = lambda self, item: put(self, copy.copy(item) if isinstance(item, list) else item)",
        "no > yes",
    ),
    python(
        "atomicity.put_returns",
        "none",
        "import time, multiprocessing.queues as q; put = q.Queue.put\n"
        "q.Queue.put = lambda self, item: (put(self, item), self._reader.poll(5))",
        "no > yes",
    ),
    python(
        "atomicity.rlock_released_elsewhere",
        "spawn",
        "import multiprocessing.context as c; c.BaseContext.RLock = c.BaseContext.Lock",
        "no > yes",
    ),
    child("atomicity.shared_text", "fork", 'text.value == b"text"', "text.value == text", "yes > no"),
    child(
        "classes.private_method",
        "spawn",
        "        return self.__note\n",
        "        return self.note\n\n    def note(self, report):\n        answer(report)\n",
        "no > yes",
    ),
    child("classes.super_method", "spawn", "        return super().work\n", "        return Base().work\n", "no > yes"),
    child("classes.async_function", "fork", "async def coroutine", "def coroutine", "no > yes"),
    child("classes.async_function", "spawn", "async def coroutine(report):", "def coroutine(report, _):", "no > error"),
    child(
        "classes.frozen_with_slots",
        "spawn",
        '    __slots__ = ("number",)\n',
        "",
        "no > yes",
        file="assets/classes_frozen.py",
    ),
    child(
        "classes.exception_traceback", "fork", "return [error.__traceback__ is not None", "return [False", "yes > error"
    ),
    python("choice.set_twice", "spawn", MP + "multiprocessing.set_start_method = lambda name: None", "yes > no"),
    python("choice.fixed_by_lock", "none", MP + "multiprocessing.Lock = lambda: None", "yes > no"),
    python(
        "choice.fixed_by_cpu_count",
        "none",
        MP + "multiprocessing.cpu_count = multiprocessing.get_start_method",
        "no > yes",
    ),
    python(
        "defaults.start_method",
        "none",
        MP + "multiprocessing.set_start_method('spawn', force=True)",
        "'fork' > 'spawn'",
        'sys_platform == "linux" and python_version < "3.14"',
    ),
    python(
        "defaults.pool",
        "none",
        MP + "multiprocessing.set_start_method('spawn', force=True)",
        "'fork' > 'spawn'",
        'sys_platform == "linux" and python_version < "3.14"',
    ),
    python("executor.map_eager", "fork", EXECUTOR + "e.map = lambda self, do, *items: map(do, *items)", "yes > no"),
    child(
        "executor.from_event_loop",
        "fork",
        "    return os.getpid()\n",
        "    return os.getppid()\n",
        "yes > error",
        file="_tasks.py",
    ),
    child("exits.number", "spawn forkserver", "    action(*args)\n", "    pass\n", "7 > 0"),
    child("exits.number", "fork", 'file.write("running")', "os.remove(path)", "7 > error"),
    child("exits.text", "fork", "    action(*args)\n", "    os._exit(1)\n", "1 > error"),
    python(
        "exits.join_raises",
        "fork spawn",
        MP + "j = p.BaseProcess.join\ndef join(self):\n    j(self)\n    raise ValueError\np.BaseProcess.join = join",
        "no > yes",
    ),
    child("exits.exception_hook", "fork", "    sys.excepthook = hook\n", "    hook()\n", "no > yes"),
    python(
        "exits.finally_at_terminate",
        "fork",
        "import multiprocessing.process as p, os, signal as s\ns.signal(s.SIGINT, s.default_int_handler)\n"
        "p.BaseProcess.terminate = lambda self: os.kill(self.pid, s.SIGINT)",
        "no > yes",
    ),
    python("exits.terminate", "fork forkserver", MP + "p.BaseProcess.terminate = p.BaseProcess.kill", "-15 > -9"),
    python("exits.child_threads", "fork", "import threading; threading._shutdown = lambda: None", "yes > no"),
    child(
        "exits.unflushed_file",
        "fork forkserver",
        'kept[0].write("last words")',
        'kept[0].write("last words"); kept[0].flush()',
        "no > yes",
    ),
    child("failures.pool_worker", "fork", "outcome(pool, os._exit, 1)", "outcome(pool, abs, 1)", "no > error"),
    child("failures.executor_worker", "fork", "pool.submit(os._exit, 3)", "pool.submit(abs, 3)", "yes > error"),
    python(
        "failures.executor_task",
        "fork",
        "import concurrent.futures.process as f\nf._ExceptionWithTraceback = lambda error, trace: error",
        "yes > no",
    ),
    child("failures.pool_task", "fork", '    return {}["missing"]', "    return 1", "yes > error", file="_tasks.py"),
    child(
        "forkserver.one_server",
        "forkserver",
        "    return os.getppid()\n",
        "    return -os.getpid()\n",
        "yes > no",
        file="_tasks.py",
    ),
    child(
        "guard.unguarded_script",
        "spawn forkserver",
        "\nctx =",
        '\nif __name__ != "__main__":\n    raise SystemExit\nctx =',
        "no > error",
        file="assets/guard_unguarded.py",
    ),
    child(
        "guard.guarded_script",
        "spawn forkserver",
        'if __name__ == "__main__":',
        "if True:",
        "yes > no",
        file="assets/guard_guarded.py",
    ),
    child(
        "guard.guarded_script",
        "fork",
        'file.write("child\\n")',
        'file.write("another\\n")',
        "yes > error",
        file="assets/guard_guarded.py",
    ),
    child(
        "guard.main_argv",
        "spawn",
        '" ".join(sys.argv[1:])',
        '" ".join(sys.argv[1:] if __name__ == "__main__" else [])',
        "yes > no",
        file="assets/guard_again.py",
    ),
    child(
        "inheritance.environment", "spawn", 'return os.environ.get("CANIFORK_VARIABLE", "")', 'return ""', "yes > no"
    ),
    child(
        "inheritance.shared_offset", "fork", "return os.read(opened, 4)", "return os.pread(opened, 4, 0)", "yes > no"
    ),
    child("library.compiled_regex", "spawn", 'pattern.match("aab").group()', "pattern.pattern", "yes > error"),
    child("lifecycle.child_of_daemon", "fork spawn", "    import multiprocessing\n", NOT_DAEMONIC, "no > yes"),
    child(
        "lifecycle.daemon_at_exit",
        "fork",
        "    here.recv()\n    children",
        NO_EXIT,
        "yes > no",
        file="assets/lifecycle_end.py",
    ),
    child(
        "lifecycle.joined_at_exit",
        "fork",
        "    here.recv()\n    children",
        NO_EXIT,
        "yes > no",
        file="assets/lifecycle_end.py",
    ),
    child(
        "lifecycle.callback_of_script",
        "spawn",
        "atexit.register(called)\n",
        "if __name__ == '__main__':\n    atexit.register(called)\n",
        "yes > no",
        file="assets/lifecycle_import.py",
    ),
    child(
        "lifecycle.thread_of_script",
        "spawn",
        "thread = begin()\n",
        "thread = begin() if __name__ == '__main__' else threading.Thread()\n",
        "yes > error",
        file="assets/lifecycle_import.py",
    ),
    child("managers.namespace", "fork", "    namespace.count += count\n", "    pass\n", "yes > error"),
    child("managers.nested_managed_list", "fork", '    numbers["list"].append(2)\n', "    pass\n", "yes > no"),
    python(
        "managers.wrong_key",
        "fork",
        "import multiprocessing.connection as n; n.deliver_challenge = n.answer_challenge = lambda *some: None",
        "yes > no",
    ),
    child("memory.by_name", "spawn", '    block.buf[:3] = b"two"\n', "", "yes > no"),
    python(
        "memory.trailing_null",
        "none",
        "import multiprocessing.shared_memory as m; m.ShareableList.__getitem__ = lambda self, place: b'data\\0\\0'",
        "no > yes",
    ),
    python("objects.instance_with_lock", "spawn", PICKLE_LOCK, "no > yes"),
    child("orphans.child", "fork", "        if watch:\n", "        os._exit(0)\n        if watch:\n", "yes > no"),
    child("orphans.child", "fork", "        if watch:\n", "        raise OSError\n        if watch:\n", "yes > error"),
    child("orphans.parent_end", "spawn", "str(parent.is_alive())", '"True"', "yes > no"),
    child(
        "orphans.manager",
        "fork",
        '    note(os.path.join(folder, "manager"), "%d\\n%s" % (manager',
        '    manager.shutdown()\n    note(os.path.join(folder, "manager"), "%d\\n%s" % (manager',
        "no > yes",
    ),
    child(
        "pools.one_task_each", "fork spawn", "    return os.getpid()\n", "    return 1\n", "yes > no", file="_tasks.py"
    ),
    child("pools.nested_pool", "fork", "    import multiprocessing\n", NOT_DAEMONIC, "no > yes"),
    python(
        "preload.module",
        "forkserver",
        MP + "c.BaseContext.set_forkserver_preload = lambda self, names: None",
        "yes > no",
    ),
    child("preload.late_environment", "spawn", 'os.environ.get("CANIFORK_LATE", "")', '""', "yes > no"),
    child(
        "primitives.lock", "spawn", "    lock.release()\n    return not taken", "    return not taken", "yes > error"
    ),
    child("primitives.semaphore", "fork", "    return semaphore.acquire(False)\n", "    return True\n", "yes > error"),
    child(
        "handles.queue_handler", "spawn", 'logger.error("number %d", 42)', 'logger.error("number %d", 41)', "yes > no"
    ),
    child(
        "handles.temporary_directory",
        "spawn",
        "    return os.path.isdir(folder.name)\n",
        "    import shutil\n\n    shutil.rmtree(folder.name)\n    return True\n",
        "yes > no",
    ),
    child(
        "options.unbuffered",
        "spawn",
        'getattr(sys.stdout, "write_through", False)',
        "True",
        "no > unavailable",
        file="assets/options_told.py",
    ),
    child(
        "processes.debugger",
        "spawn",
        "    try:\n        breakpoint()",
        "    read, write = os.pipe()\n    os.write(write, b'c\\n')\n    sys.stdin = open(read)\n"
        "    try:\n        breakpoint()",
        "no > yes",
    ),
    child(
        "processes.default_name",
        "spawn",
        "multiprocessing.current_process().name",
        '"other"',
        "'SpawnProcess-1' > 'other'",
    ),
    child(
        "processes.deleted_at_end",
        "fork",
        "def own_name():",
        "def pid():\n    import gc\n\n    [each.__del__() for each in gc.get_objects() if type(each) is Noisy]\n"
        "    return os.getpid()\n\n\ndef own_name():",
        "no > yes",
        POSIX + " and platform_python_implementation == 'CPython'",
    ),
    child(
        "processes.site_again",
        "fork",
        '    with open(path, "a") as file:\n',
        '    import sys\n\n    del sys.modules["sitecustomize"]\n    import sitecustomize\n\n'
        '    with open(path, "a") as file:\n',
        "no > yes",
        file="assets/processes_site.py",
    ),
    child(
        "processes.terminated_parent",
        "spawn",
        "daemon=True)\n    process.start()\n",
        "daemon=True)\n    process.start()\n"
        "    import signal\n\n"
        "    signal.signal(signal.SIGTERM, lambda *_: (process.terminate(), process.join(), os._exit(0)))\n",
        "no > yes",
    ),
    child("results.map_order", "none", "    return number\n", "    return 1 - number\n", "yes > no"),
    child(
        "printing.before_os_exit",
        "fork",
        "        os._exit(0)\n",
        "        sys.stdout.flush()\n        os._exit(0)\n",
        "no > yes",
        file="assets/printing_child.py",
    ),
    child(
        "printing.errors_before_terminate",
        "spawn",
        'write("child\\n")\n',
        'write("chi\\n")\n',
        "yes > error",
        'sys_platform != "win32" and python_version >= "3.9"',
        file="assets/printing_child.py",
    ),
    child(
        "printing.redirected_late",
        "forkserver",
        "        first.start()\n        first.join()\n",
        "",
        "no > yes",
        file="assets/printing_child.py",
    ),
    python(
        "blocks.zeros",
        "none",
        "import multiprocessing.shared_memory as s; old = s.SharedMemory.__init__\n"
        "def init(self, *a, **k):\n    old(self, *a, **k)\n    self.buf[7] = 7\n"
        "s.SharedMemory.__init__ = init",
        "yes > no",
    ),
    python(
        "blocks.buffer_after_object",
        "none",
        "import multiprocessing.shared_memory as s; s.SharedMemory.__del__ = lambda self: None",
        "no > yes",
    ),
    python(
        "blocks.nul_in_name",
        "none",
        "import multiprocessing.shared_memory as s; old = s._posixshmem\n"
        "class cut:\n"
        "    shm_open = lambda name, *a, **k: old.shm_open(name.partition(chr(0))[0], *a, **k)\n"
        "    shm_unlink = lambda name: old.shm_unlink(name.partition(chr(0))[0])\n"
        "s._posixshmem = cut",
        "yes > no",
        'sys_platform != "win32" and python_version >= "3.13"',
    ),
    child(
        "preload.late_module",
        "forkserver",
        "def use():\n",
        "import colorsys\n\n\ndef use():\n",
        "no > yes",
        file="assets/preload_lazy.py",
    ),
    child(
        "results.typed_task",
        "spawn",
        "pool.submit(task)",
        "pool.submit(int, 42)",
        "no > yes",
        file="assets/results_prompt.py",
    ),
    python(
        "results.pool_callback",
        "none",
        "import multiprocessing.pool as p; old = p.Pool.apply_async\n"
        "p.Pool.apply_async = lambda self, do, callback: callback(old(self, do).get())",
        "no > yes",
    ),
    child(
        "resources.tls_connection",
        "fork",
        "can_use(ctx, sends, client)",
        "yes() if sends(client) else None",
        "no > yes",
    ),
    child("memory.more_than_there_is", "none", "2**42", "2**70", "no > yes", "sys_platform == 'linux'"),
    child(
        "resources.file_descriptor",
        "fork",
        "        return os.read(number, 5)",
        "        os.close(number)\n        return os.read(number, 5)",
        "yes > no",
    ),
    child(
        "safety.log_written",
        "fork",
        "    go.recv()\n    watched",
        "    go.recv()\n    handler = logging.getLogger('canifork').handlers[0]\n"
        "    handler.stream = open(handler.stream.fileno(), 'w')\n    watched",
        "no > yes",
    ),
    child(
        "safety.held_import", "fork", '__import__("safety_slow"), waits', '__import__("colorsys"), waits', "no > yes"
    ),
    child(
        "damage.exit_code_of_fault",
        "fork spawn",
        "    ctypes.c_int.from_address(8).value",
        "    os.abort()",
        "-11 > -6",
    ),
    child(
        "damage.dies_before_arguments",
        "spawn",
        "return (os._exit, (7,))",
        "return (int, (7,))",
        "no > yes",
        POSIX + ' and python_version < "3.13"',
    ),
    child(
        "availability.manager_long_tempdir",
        "fork spawn",
        '"a" * 60, "b" * 60',
        '"a"',
        "no > yes",
        POSIX + ' and python_version < "3.13"',
    ),
    child("hooks.profiler_enabled", "fork", "    call()\n", "", "yes > error"),
    child(
        "hooks.profiler_enabled",
        "spawn",
        "if profiler is None:\n        return False",
        "if profiler is None:\n        return True",
        "no > yes",
    ),
    python("hooks.copyreg_reducer", "spawn", "import copyreg; copyreg.pickle = lambda *some: None", "yes > no"),
    child(
        "guard.pool_at_import",
        "fork spawn",
        "pool.apply_async(seven)",
        "pool.apply_async(int, (7,))",
        "no > yes",
        file="assets/guard_tasks.py",
    ),
    child(
        "guard.executor_at_import",
        "fork spawn",
        "executor.submit(seven)",
        "executor.submit(int, 7)",
        "no > yes",
        file="assets/guard_tasks.py",
    ),
    child(
        "helpers.noise_after_fork",
        "none",
        "if not child:\n",
        "if not child:\n    sys.stderr.write('Exception ignored in ResourceTracker')\n",
        "no > yes",
        POSIX + ' and python_version < "3.12"',
    ),
    python(
        "helpers.locks_without_dev_shm",
        "none",
        "import multiprocessing; multiprocessing.Lock = lambda: None",
        "no > error",
        LINUX,
        refusable=True,
    ),
    child(
        "helpers.process_without_dev_shm",
        "fork spawn",
        'connection.send("said")',
        'connection.send("other")',
        "yes > error",
        LINUX,
        refusable=True,
    ),
    child(
        "safety.held_lock",
        "fork",
        "    taken = LOCK.acquire(timeout=1)",
        "    LOCK._at_fork_reinit()\n    taken = LOCK.acquire(timeout=1)",
        "no > yes",
    ),
    child(
        "safety.child_atexit",
        "fork",
        '    atexit.register(note, path, "child")\n',
        "    import multiprocessing.util as u; u.Finalize(None, note, (path, 'child'), exitpriority=0)\n",
        "no > yes",
        POSIX + ' and python_version < "3.13"',
    ),
    child(
        "semantics.parent_global_seen", "fork", 'return [setting == "changed"', 'return [setting == "other"', "yes > no"
    ),
    child(
        "semantics.change_after_start",
        "spawn",
        "    return last_number(things)\n",
        "    return last_number([2])\n",
        "no > yes",
    ),
    child(
        "state.random_seed",
        "fork",
        "    return [random.random() for _ in range(3)]\n",
        "    random.seed(42)\n    return [random.random() for _ in range(3)]\n",
        "no > yes",
    ),
    child(
        "state.recursion_limit",
        "fork",
        "return kept(ctx, plain + 777, plain, sys.getrecursionlimit)",
        "return kept(ctx, plain + 777, plain, int)",
        "yes > error",
    ),
    child("tasks.late_global", "fork spawn", "    return setting\n", '    return "changed"\n', "no > yes"),
    child(
        "tasks.pool_result", "fork", "    return threading.Lock()\n", "    return 1\n", "yes > error", file="_tasks.py"
    ),
    python(
        "threads.warning",
        "fork",
        MP + "import warnings\ns = p.BaseProcess.start\ndef start(self):\n"
        "    warnings.warn('multi-threaded', DeprecationWarning)\n    s(self)\np.BaseProcess.start = start",
        "no > yes",
        POSIX + ' and python_version < "3.12"',
    ),
    child(
        "tracker.after_other_program",
        "none",
        "    SharedMemory(name).close()\n",
        "    block = SharedMemory(name)\n    block.close()\n    from multiprocessing import resource_tracker as r\n"
        "    r.unregister(block._name, 'shared_memory')\n",
        "no > yes",
        file="assets/tracker_script.py",
    ),
    child(
        "tracker.removed_at_end",
        "none",
        "    create(name).close()\n",
        "    block = create(name)\n    block.close()\n    from multiprocessing import resource_tracker as r\n"
        "    r.unregister(block._name, 'shared_memory')\n",
        "yes > no",
        file="assets/tracker_script.py",
    ),
    python(
        "apis.process_interrupt",
        "none",
        "import os, signal, multiprocessing.process as p\n"
        "p.BaseProcess.interrupt = lambda self: os.kill(self.pid, signal.SIGINT)",
        "no > yes",
        OLD,
    ),
    python(
        "connections.wrong_key",
        "none",
        "import multiprocessing.connection as n; n.deliver_challenge = n.answer_challenge = lambda *some: None",
        "yes > no",
    ),
    child("damage.lock_of_killed", "fork spawn", "    thing.acquire()\n", "    thing.locked = True\n", "no > yes"),
    child("damage.half_message", "fork", '.pack("!i", 100) + b"only this"', '.pack("!i", 4) + b"only"', "yes > no"),
    python("executables.same_pid", "fork", "import os; os.getpid = os.getppid", "yes > no"),
    python(
        "helpers.lock_without_semaphores", "none", MP + "multiprocessing.Lock = multiprocessing.cpu_count", "no > yes"
    ),
    python("misuse.close_while_running", "fork", MP + "p.BaseProcess.close = lambda self: None", "yes > no"),
    # apis
    python(
        "apis.lock_locked",
        "none",
        "import multiprocessing.synchronize as s; s.Lock.locked = lambda self: self._semlock._is_zero()",
        "no > yes",
        OLD,
    ),
    python("apis.queue_subscript", "none", MP + "multiprocessing.Queue = list", "no > yes", OLD),
    python(
        "apis.queue_is_class",
        "none",
        MP + "class Q:\n    close = join_thread = lambda self: None\nmultiprocessing.Queue = Q",
        "no > yes",
    ),
    python(
        "apis.event_repr",
        "none",
        "import multiprocessing.synchronize as s; s.Event.__repr__ = object.__repr__",
        "yes > no",
        NEW,
    ),
    python(
        "apis.terminate_workers",
        "none",
        EXECUTOR + "e.terminate_workers = e.kill_workers = e.shutdown",
        "no > yes",
        OLD,
    ),
    python("apis.max_tasks_per_child", "none", EXECUTOR + "e.__init__ = lambda self, workers: None", "yes > no", NEW),
    python("apis.cancel_futures", "none", EXECUTOR + "e.shutdown = lambda self: None", "yes > no"),
    python(
        "apis.zero_tasks",
        "none",
        "import multiprocessing.pool as p; init = p.Pool.__init__\n"
        "p.Pool.__init__ = lambda self, processes, *some, context: init(self, processes, context=context)",
        "yes > no",
        POSIX + ' and python_version >= "3.12"',
    ),
    python(
        "apis.map_buffersize", "none", EXECUTOR + "e.map = lambda self, do, *items, buffersize=0: []", "no > yes", OLD
    ),
    python(
        "apis.shared_memory_track",
        "none",
        "import multiprocessing.shared_memory as s; init = s.SharedMemory.__init__\n"
        "s.SharedMemory.__init__ = lambda self, create, size, track: init(self, create=create, size=size)",
        "no > yes",
        OLD,
    ),
    python(
        "apis.preload_on_error",
        "none",
        MP + "c.BaseContext.set_forkserver_preload = lambda self, names, on_error: None",
        "no > yes",
        OLD,
    ),
    python(
        "apis.manager_timeout",
        "none",
        "import multiprocessing.managers as m; m.BaseManager.__init__ = lambda self: None",
        "yes > no",
        NEW,
    ),
    python(
        "apis.manager_set",
        "none",
        "import multiprocessing.managers as m\n"
        "m.SyncManager.register('set', set, m.MakeProxyType('SetProxy', ('__contains__', '__len__')))",
        "no > yes",
        OLD,
    ),
    python(
        "apis.manager_list_clear",
        "none",
        "import multiprocessing.managers as m; m.ListProxy.clear = lambda self: self.__delitem__(slice(None))",
        "no > yes",
        OLD,
    ),
    python(
        "apis.manager_dict_merge",
        "none",
        "import multiprocessing.managers as m; m.DictProxy.__or__ = lambda self, more: {**self.copy(), **more}\n"
        "m.DictProxy.__ior__ = lambda self, more: self.update(more) or self",
        "no > yes",
        OLD,
    ),
    python(
        "apis.manager_dict_mapping",
        "none",
        "import collections.abc as a, multiprocessing.managers as m; a.MutableMapping.register(m.DictProxy)",
        "no > yes",
        OLD,
    ),
    python("apis.bad_type_code", "none", MP + "multiprocessing.RawValue = lambda *some: None", "yes > no"),
    python(
        "apis.type_codes_told",
        "none",
        MP + "def refuse(*some):\n    raise TypeError('b h i l q f d')\nmultiprocessing.RawArray = refuse",
        "no > yes",
        OLD,
    ),
    # arguments
    child("arguments.threading_rlock", "fork", "taken = lock.acquire(timeout=1)", "taken = False", "yes > error"),
    child(
        "arguments.threading_condition",
        "fork",
        "        condition.notify_all()\n",
        "        return False\n",
        "yes > error",
    ),
    child("arguments.threading_event", "fork", "    event.set()\n", "", "yes > error"),
    child("arguments.threading_semaphore", "fork", "taken = lock.acquire(timeout=1)", "taken = False", "yes > error"),
    child("arguments.thread", "fork", "    flags.append(True)", "    pass", "yes > error", OLD),
    child(
        "arguments.thread_local", "fork", 'return local.name == "parent"', 'return local.name == "child"', "yes > error"
    ),
    python(
        "arguments.binary_file",
        "spawn",
        "import copyreg, io; copyreg.pickle(io.BufferedReader, lambda file: (open, (file.name, 'rb')))",
        "no > yes",
    ),
    child(
        "arguments.large_bytes",
        "fork spawn",
        "run_child(ctx, digest, data)",
        "run_child(ctx, digest, data[1:])",
        "yes > error",
    ),
    child("arguments.string_for_tuple", "fork spawn", 'args=("bob"))', 'args=("bob",))', "no > yes"),
    python("arguments.positional_target", "none", MP + "multiprocessing.Process = lambda group: None", "no > yes"),
    python(
        "arguments.misspelt_keyword",
        "none",
        MP + "multiprocessing.Process = lambda **some: None",
        "\"TypeError > 'accepted'",
    ),
    # atomicity
    python(
        "atomicity.value_increment",
        "none",
        "import multiprocessing.sharedctypes as s\n"
        "s.Synchronized.get_lock = lambda self: __import__('_thread').allocate_lock() if "
        "self.__dict__.setdefault('held', 1) else 0\n",
        "no > yes",
    ),
    python(
        "atomicity.manager_increment",
        "none",
        "import threading, multiprocessing.managers as m; whole, d = threading.RLock(), m.DictProxy\n"
        "get, put = d.__getitem__, d.__setitem__\n"
        "d.__getitem__ = lambda self, key: (whole.acquire(), get(self, key))[1]\n"
        "d.__setitem__ = lambda self, key, item: (put(self, key, item), whole.release())[0]",
        "no > yes",
    ),
    child(
        "atomicity.lock_released_elsewhere",
        "fork spawn",
        "    lock.release()\n    return True\n",
        "    return True\n",
        "yes > error",
    ),
    python(
        "atomicity.task_done_too_often",
        "none",
        "import multiprocessing.queues as q; q.JoinableQueue.task_done = lambda self: None",
        "yes > no",
    ),
    # availability
    python("availability.listed", "fork", MP + "multiprocessing.get_all_start_methods = lambda: ['spawn']", "yes > no"),
    python(
        "availability.context",
        "fork",
        MP + "get = multiprocessing.get_context\nmultiprocessing.get_context = lambda name=None: get('spawn')",
        "yes > no",
    ),
    python(
        "availability.list_order",
        "none",
        MP + "multiprocessing.get_all_start_methods = lambda: ['other']",
        "'fork,spawn,forkserver' > 'other'",
        FORK,
    ),
    python(
        "availability.default_first",
        "none",
        MP + "multiprocessing.get_all_start_methods = lambda: ['other']",
        "yes > no",
    ),
    python(
        "availability.same_context",
        "fork",
        MP + "import copy\nget = multiprocessing.get_context\n"
        "multiprocessing.get_context = lambda name=None: copy.copy(get(name))",
        "yes > no",
    ),
    child(
        "availability.grandchildren",
        "fork spawn",
        "    process = ctx.Process(target=do_nothing)\n",
        "    process = ctx.Process(target=do_nothing, args=(1,))\n",
        "yes > error",
    ),
    child(
        "availability.side_by_side",
        "fork",
        "return [os.getpid(), os.getppid(), _main_pid]",
        "return [os.getpid(), os.getppid(), os.getppid()]",
        "yes > no",
        file="_probe.py",
    ),
    child("availability.missing_executable", "spawn", 'scratch("no-python-here")', "sys.executable", "no > yes"),
    child(
        "availability.long_argv",
        "fork spawn",
        "    return sum(len(word) for word in sys.argv[1:])",
        "    return 0",
        "yes > error",
    ),
    child("availability.long_tempdir", "forkserver", '"a" * 60, "b" * 60', '"a"', "no > yes", OLD),
    child(
        "availability.no_tempdir",
        "forkserver",
        'return report if caller == "_probe" else nowhere()',
        "return report",
        "no > yes",
    ),
    child("availability.refused_without_fds", "none", "    del socket.CMSG_LEN\n", "", "yes > no"),
    child("availability.listed_without_fds", "none", "    del socket.CMSG_LEN\n", "", "no > yes", OLD),
    # blocks
    python(
        "blocks.name_taken",
        "none",
        "import multiprocessing.shared_memory as s; old = s.SharedMemory.__init__\n"
        "def init(self, name=None, create=False, size=0):\n    try:\n        old(self, name, create, size)\n"
        "    except FileExistsError:\n        self._flags = 2\n        old(self, name)\ns.SharedMemory.__init__ = init",
        "yes > no",
        OLD,
    ),
    python(
        "blocks.size_zero",
        "none",
        "import multiprocessing.shared_memory as s; old = s.SharedMemory.__init__\n"
        "s.SharedMemory.__init__ = lambda self, create, size: old(self, None, create, size or 1)",
        "yes > no",
        OLD,
    ),
    python(
        "blocks.used_after_unlink",
        "none",
        "import multiprocessing.shared_memory as s; "
        "s.SharedMemory.buf = property(lambda self: memoryview(bytearray(self._buf)))",
        "yes > no",
    ),
    python(
        "blocks.second_unlink",
        "none",
        "import multiprocessing.shared_memory as s; old = s.SharedMemory.unlink\ndef unlink(self):\n"
        "    try:\n        old(self)\n    except FileNotFoundError:\n        pass\n"
        "s.SharedMemory.unlink = unlink",
        "yes > no",
    ),
    # callables
    child("callables.lambda_argument", "fork", "call, lambda: True)", "call, lambda: 0)", "yes > error"),
    child(
        "callables.module_lambda",
        "fork",
        "named_lambda = lambda report: answer(report)",
        "named_lambda = lambda report: answer(report, 0)",
        "yes > error",
    ),
    child(
        "callables.nested_function",
        "fork",
        "    def inner(report):\n        answer(report)",
        "    def inner(report):\n        answer(report, 0)",
        "yes > error",
    ),
    child("callables.bound_method", "fork spawn", 'self.secret == "secret"', "self.secret == 0", "yes > error"),
    child("callables.bound_method_with_lock", "fork", 'self.secret == "secret"', "self.secret == 0", "yes > error"),
    child("callables.bound_method_with_lock", "spawn", "self.lock = threading.Lock()", "self.lock = None", "no > yes"),
    child(
        "callables.callable_instance",
        "fork spawn",
        "        self.run(report)\n",
        "        answer(report, 0)\n",
        "yes > error",
    ),
    child(
        "callables.static_method",
        "fork spawn",
        '"""A static method."""\n        answer(report)',
        '"""A static method."""\n        answer(report, 0)',
        "yes > error",
    ),
    child("callables.class_method", "fork spawn", "cls is Worker", "cls is None", "yes > error"),
    child("callables.partial", "fork spawn", "left + right == 3", "left + right == 4", "yes > error"),
    child("callables.partial_of_lambda", "fork", "right == 2), right=2", "right == 3), right=2", "yes > error"),
    python("callables.builtin_function", "fork spawn", "import os; os.mkdir = os.fspath", "yes > error"),
    child("callables.decorated_function", "spawn", "\n@plain_decorator\n", "\n@wrapping_decorator\n", "no > yes"),
    child("callables.wrapped_function", "spawn", "\n@wrapping_decorator\n", "\n@plain_decorator\n", "yes > no"),
    child(
        "callables.cached_function",
        "fork spawn",
        '"""Target with a cache."""\n    answer(report)',
        '"""Target with a cache."""\n    answer(report, 0)',
        "yes > error",
    ),
    child("callables.shadowed_function", "spawn", "wrapping_decorator(original))", "original)", "no > yes"),
    child("callables.function_of_loaded_file", "fork", "    return True\\n", "    return 0\\n", "yes > error"),
    # choice
    python("choice.unknown_name", "none", MP + "multiprocessing.get_context = lambda name: None", "yes > no"),
    python("choice.wrong_case", "none", MP + "multiprocessing.get_context = lambda name: None", "yes > no"),
    python(
        "choice.set_force",
        "fork",
        MP + "old = multiprocessing.set_start_method\n"
        "multiprocessing.set_start_method = lambda name, force=False: None if force else old(name)",
        "yes > no",
    ),
    python(
        "choice.set_none",
        "none",
        MP + "old = multiprocessing.set_start_method\n"
        "multiprocessing.set_start_method = lambda name, force=False: None if force else old(name)",
        "yes > no",
    ),
    python("choice.set_on_context", "fork", MP + "c.BaseContext.set_start_method = lambda *some: None", "yes > no"),
    python(
        "choice.fixed_by_asking",
        "none",
        MP + "multiprocessing.get_start_method = lambda allow_none=False: None",
        "yes > no",
    ),
    python("choice.fixed_by_get_context", "none", MP + "multiprocessing.get_context = lambda *some: None", "yes > no"),
    python(
        "choice.fixed_by_named_context",
        "none",
        MP + "multiprocessing.get_context = lambda name: multiprocessing.get_start_method()",
        "no > yes",
    ),
    python("choice.fixed_by_queue", "none", MP + "multiprocessing.Queue = lambda: None", "yes > no"),
    python("choice.fixed_by_value", "none", MP + "multiprocessing.Value = lambda *some: None", "yes > no"),
    python(
        "choice.fixed_by_pipe",
        "none",
        MP + "multiprocessing.Pipe = lambda: [multiprocessing.get_start_method(), []][1]",
        "no > yes",
    ),
    python("choice.fixed_by_executor", "none", EXECUTOR + "e.__init__ = e.shutdown = lambda *some: None", "yes > no"),
    python(
        "choice.fixed_by_process",
        "none",
        MP + "multiprocessing.Process = lambda target: multiprocessing.get_start_method()",
        "no > yes",
    ),
    python(
        "choice.fixed_by_listing",
        "none",
        MP + "multiprocessing.get_all_start_methods = multiprocessing.get_start_method",
        "no > yes",
    ),
    python(
        "choice.fixed_by_freeze_support",
        "none",
        MP + "multiprocessing.freeze_support = multiprocessing.get_start_method",
        "no > yes",
        OLD,
    ),
    # classes
    child("classes.nested_class", "fork spawn", "            return 42\n", "            return 41\n", "yes > error"),
    child("classes.private_nested_class", "fork", "            return 42\n", "            return 41\n", "yes > error"),
    child("classes.reloaded_module", "spawn", "    importlib.reload(classes)\n", "", "no > error"),
    child("classes.lambda_as_default", "fork", "defaultdict(lambda: 42)", "defaultdict(lambda: 41)", "yes > error"),
    child(
        "classes.delegating_object",
        "spawn",
        "        return getattr(self.inner, name)",
        "        return getattr(self.inner, name) if name == 'answer' else object.__getattribute__(self, name)",
        "no > yes",
    ),
    child(
        "classes.generator_function",
        "fork spawn",
        "    answer(report)\n    yield\n",
        "    answer(report)\n",
        "no > yes",
    ),
    # connections
    child("connections.big_message", "fork spawn", 'send(b"x" * BIG)', 'send(b"x")', "yes > error"),
    python(
        "connections.end_of_file",
        "none",
        "import multiprocessing.connection as n; n.Connection.recv = lambda self: 'last'",
        "yes > no",
    ),
    python(
        "connections.broken_pipe",
        "none",
        "import multiprocessing.connection as n; n.Connection.send = lambda self, item: None",
        "yes > no",
    ),
    python(
        "connections.wait_for_several",
        "none",
        "import multiprocessing.connection as n; n.wait = lambda things, seconds: things[:1]",
        "yes > no",
    ),
    python(
        "connections.wait_for_many",
        "none",
        "import multiprocessing.connection as n\ndef refuse(*some):\n    raise ValueError\nn.wait = refuse",
        "yes > no",
    ),
    python(
        "connections.wait_for_end",
        "fork spawn",
        "import multiprocessing.connection as n; n.wait = lambda things, seconds: []",
        "yes > no",
    ),
    python(
        "connections.iteration",
        "none",
        "import multiprocessing.connection as n; n.Connection.__iter__ = lambda self: iter([])",
        "no > yes",
    ),
    python(
        "connections.closed_by_passing",
        "fork",
        "import multiprocessing.connection as n; n.Connection.closed = True",
        "no > yes",
    ),
    # damage
    python(
        "damage.semaphore_of_killed",
        "fork",
        "import multiprocessing.synchronize as s; old = s.Semaphore.__init__\n"
        "s.Semaphore.__init__ = lambda self, value, *, ctx: old(self, value + 1, ctx=ctx)",
        "no > yes",
    ),
    child(
        "damage.release_for_killed", "fork spawn", "    thing.acquire()\n    connection", "    connection", "yes > no"
    ),
    python(
        "damage.release_rlock_for_killed",
        "fork",
        "import multiprocessing.context as c; c.BaseContext.RLock = c.BaseContext.Lock",
        "no > yes",
    ),
    python(
        "damage.put_before_exit",
        "fork spawn",
        "import multiprocessing.queues as q\n"
        "q.Queue.put = lambda self, item: self._writer.send_bytes(q._ForkingPickler.dumps(item))",
        "no > yes",
    ),
    child("damage.half_message", "fork spawn", '100) + b"only this")', '9) + b"only this")', "yes > no"),
    child("damage.exit_code_of_abort", "fork spawn", "    os.abort()\n", "    os._exit(3)\n", "-6 > 3"),
    # defaults
    python("defaults.unset", "none", MP + "multiprocessing.set_start_method('spawn')", "yes > no"),
    python(
        "defaults.without_tempdir", "none", MP + "multiprocessing.set_start_method('spawn')", "'fork' > 'spawn'", FORK
    ),
    python(
        "defaults.context_type",
        "none",
        MP + "multiprocessing.set_start_method('spawn')",
        "'ForkContext' > 'SpawnContext'",
        FORK,
    ),
    python(
        "defaults.process",
        "none",
        MP + "multiprocessing.set_start_method('spawn', force=True)",
        "'fork' > 'spawn'",
        FORK,
    ),
    python(
        "defaults.executor",
        "none",
        MP + "multiprocessing.set_start_method('spawn', force=True)",
        "'fork' > 'spawn'",
        FORK,
    ),
    child(
        "defaults.executor_max_tasks",
        "none",
        "ProcessPoolExecutor(1, max_tasks_per_child=1) as",
        "ProcessPoolExecutor(1, __import__('multiprocessing').get_context('forkserver'), max_tasks_per_child=1) as",
        "'spawn' > 'forkserver'",
        NEW,
    ),
    child(
        "defaults.max_tasks_per_child",
        "spawn",
        "return [os.getpid(), os.getppid(), _main_pid]",
        "return [os.getpid(), os.getppid(), os.getppid()]",
        "yes > error",
        NEW,
        file="_probe.py",
    ),
    python(
        "defaults.executor_follows",
        "spawn",
        MP + "multiprocessing.set_start_method = lambda name: None",
        "yes > no",
        FORK,
    ),
    python(
        "defaults.pool_follows", "spawn", MP + "multiprocessing.set_start_method = lambda name: None", "yes > no", FORK
    ),
    child(
        "defaults.child_method",
        "spawn",
        "return multiprocessing.get_start_method(allow_none=True)",
        "return 'other'",
        "'spawn' > 'other'",
        file="_tasks.py",
    ),
    child("defaults.lambda_target", "none", "lambda: 42)", "lambda: 41)", "yes > error", FORK),
    # executables
    child(
        "executables.grandchild_interpreter",
        "fork spawn",
        "    return [sys.executable, sys.prefix",
        "    return [sys.executable, sys.modules['multiprocessing'].current_process().name",
        "yes > no",
    ),
    child("executables.other_venv", "fork spawn", "        found = False\n", "        found = True\n", "no > yes"),
    child(
        "executables.frozen_supported",
        "fork",
        'with open(path, "w") as file:\n        file.write("worked")',
        "pass",
        "yes > error",
    ),
    child(
        "executables.frozen_unsupported",
        "fork",
        'with open(path, "w") as file:\n        file.write("worked")',
        "pass",
        "yes > error",
    ),
    python(
        "executables.command_line",
        "none",
        "import multiprocessing.spawn as s; get = s.get_command_line\n"
        "def line(**some):\n"
        "    *first, code, last = get(**some)\n"
        "    return [*first, code.replace('spawn_main; spawn_main', 'spawn_main as other; other'), last]\n"
        "s.get_command_line = line",
        "'-c from multiprocessing.spawn import spawn_main; spawn_main(…) --multiprocessing-fork' > "
        "'-c from multiprocessing.spawn import spawn_main as other; other(…) --multiprocessing-fork'",
    ),
    child(
        "executables.without_streams",
        "fork spawn",
        '    """The child notes whether it has streams."""\n',
        "    raise OSError\n",
        "yes > error",
    ),
    # executor
    child("executor.nested", "fork spawn", "    return inner != os.getpid()\n", "    return False\n", "yes > error"),
    python(
        "executor.shutdown_at_once",
        "fork",
        EXECUTOR + "old = e.shutdown\ne.shutdown = lambda self, wait=True: old(self, wait, cancel_futures=True)",
        "yes > error",
        NEW,
    ),
    child("executor.started_workers", "fork", "with executor(ctx, 3) as", "with executor(ctx, 2) as", "3 > 2"),
    child(
        "executor.workers_replaced",
        "spawn",
        "max_tasks_per_child=2)",
        "max_tasks_per_child=9)",
        "no > yes",
        NEW + ' and python_version < "3.14"',
        file="assets/executor_replaced.py",
    ),
    # exits
    child("exits.without_number", "fork spawn", "exit_code(ctx, sys.exit)\n", "exit_code(ctx, sys.exit, 3)\n", "0 > 3"),
    child("exits.number_256", "fork spawn", "sys.exit, 256)", "sys.exit, 257)", "0 > 1"),
    child(
        "exits.exception", "fork spawn", 'raise ValueError("raised in the child")', "raise SystemExit(1)", "1 > error"
    ),
    python("exits.kill", "fork spawn", MP + "p.BaseProcess.kill = p.BaseProcess.terminate", "-9 > -15"),
    child("exits.ignored_sigchld", "fork", "signal.SIG_IGN)", "signal.SIG_DFL)", "'None' > '7'"),
    child(
        "exits.thread_pool",
        "fork",
        'pool.submit(exit_code, ctx, note, path, "done").result()',
        'exit_code(ctx, note, path, "done")',
        "no > yes",
        FORK,
    ),
    # failures
    child(
        "failures.pool_custom_exception",
        "fork spawn",
        "        super().__init__(reason)\n",
        "        super().__init__(reason, status)\n",
        "no > yes",
        file="_tasks.py",
    ),
    child(
        "failures.executor_custom_exception",
        "fork spawn",
        "        super().__init__(reason)\n",
        "        super().__init__(reason, status)\n",
        "no > yes",
        file="_tasks.py",
    ),
    child(
        "failures.late_function",
        "fork",
        "def wait_and_die(path):",
        'def late():\n    return "late"\n\n\ndef wait_and_die(path):',
        "no > yes",
    ),
    child(
        "failures.pool_initializer",
        "fork",
        '    raise ValueError("initializer failed")',
        "    return",
        "no > error",
        file="_tasks.py",
    ),
    child(
        "failures.executor_initializer",
        "fork",
        '    raise ValueError("initializer failed")',
        "    return",
        "yes > error",
        file="_tasks.py",
    ),
    child(
        "failures.submit_after_death",
        "fork",
        "            try:\n                pool.submit(pid)",
        "            try:\n                executor(ctx).submit(pid)",
        "no > yes",
    ),
    # forkserver
    python(
        "forkserver.left_over",
        "fork",
        "import multiprocessing.resource_tracker as r; r.ensure_running()",
        "'none' > 'tracker'",
    ),
    child(
        "forkserver.nested_server",
        "forkserver",
        "    return [os.getppid(), inner",
        "    return [inner, inner",
        "no > yes",
    ),
    # guard
    child(
        "guard.unguarded_executor",
        "fork",
        "executor.submit(abs, -7)",
        "executor.submit(abs, -8)",
        "yes > error",
        file="assets/guard_executor.py",
    ),
    child(
        "guard.unguarded_manager",
        "fork",
        "manager.list([7])",
        "manager.list([8])",
        "yes > error",
        file="assets/guard_manager.py",
    ),
    child(
        "guard.unguarded_pool",
        "fork",
        "apply_async(abs, (-7,))",
        "apply_async(abs, (-8,))",
        "yes > error",
        file="assets/guard_pool.py",
    ),
    child(
        "guard.start_at_import",
        "fork",
        'file.write("child\\n")',
        'file.write("other\\n")',
        "yes > error",
        file="assets/guard_starter.py",
    ),
    child(
        "guard.target_under_guard",
        "fork",
        'file.write("child\\n")',
        'file.write("other\\n")',
        "yes > error",
        file="assets/guard_target_inside.py",
    ),
    child(
        "guard.main_again",
        "spawn",
        '\nnote("run',
        '\nif __name__ == "__main__":\n    note("run',
        "3 > 0",
        file="assets/guard_again.py",
    ),
    child(
        "guard.main_values",
        "spawn",
        "IDENTITY = uuid.uuid4().hex",
        'IDENTITY = "same"',
        "'each has its own' > 'all share it'",
        file="assets/guard_again.py",
    ),
    child("guard.freeze_support", "fork spawn", "    return 2 * number\n", "    return number\n", "yes > error"),
    # handles
    child(
        "handles.ssl_context", "fork", "context.check_hostname is True", "context.check_hostname is None", "yes > error"
    ),
    child("handles.hash_object", "fork", '"fb8e20fc"', '"fb8e20fd"', "yes > error"),
    child(
        "handles.zip_file",
        "fork",
        'archive.read("member") == b"text"',
        'archive.read("member") == b"other"',
        "yes > error",
    ),
    child("handles.future", "fork", "future.result(0) == 42", "future.result(0) == 41", "yes > error"),
    child("handles.thread_pool", "fork", "result(LIMIT) == 0", "result(LIMIT) == 1", "yes > error"),
    child("handles.log_handler", "fork", "handler.level == 7", "handler.level == 8", "yes > error"),
    python(
        "handles.log_handler",
        "spawn",
        "import copyreg, logging; "
        "copyreg.pickle(logging.StreamHandler, lambda handler: (logging.StreamHandler, (), {'level': 7}))",
        "no > yes",
    ),
    child("handles.argument_parser", "fork", ".number == 42", ".number == 41", "yes > error"),
    child("handles.c_function", "fork", "function(-42) == 42", "function(-42) == 41", "yes > error"),
    # helpers
    python(
        "helpers.helper_of_lock",
        "fork",
        "import multiprocessing.resource_tracker as r; r.ensure_running()",
        "'none' > error",
    ),
    python(
        "helpers.helper_of_thread_pool",
        "none",
        "import multiprocessing.resource_tracker as r; r.ensure_running()",
        "'none' > 'resource_tracker'",
        FORK,
    ),
    python(
        "helpers.same_tracker", "fork", "import multiprocessing.resource_tracker as r; r.ensure_running()", "no > yes"
    ),
    child(
        "helpers.noise_at_end",
        "fork spawn",
        "    lock.release()\n    del lock\n",
        "    lock.release()\n    del lock\n    sys.stderr.write('noise')\n",
        "no > yes",
    ),
    child(
        "helpers.noise_at_end",
        "spawn",
        "    lock.release()\n    del lock\n",
        "    lock.release()\n    del lock\n    import multiprocessing.resource_tracker as r\n"
        "    r._resource_tracker._pid = r._resource_tracker._pid or os.getppid()\n"
        "    import atexit; atexit.register(r._resource_tracker._stop)\n",
        "no > yes",
        LINUX + ' and python_version >= "3.9"',
    ),
    child(
        "helpers.zombie_tracker",
        "none",
        "print(resource_tracker._resource_tracker._pid)\n",
        "print(resource_tracker._resource_tracker._pid)\nresource_tracker._resource_tracker._stop()\n",
        "yes > no",
        LINUX + ' and python_version < "3.13"',
    ),
    child(
        "helpers.pool_without_semaphores", "none", "    without_semaphores()\n    answers", "    answers", "no > error"
    ),
    child(
        "helpers.process_without_semaphores",
        "fork spawn",
        'connection.send("said")',
        'connection.send("other")',
        "yes > error",
    ),
    python(
        "helpers.many_locks",
        "none",
        MP + "def refuse(self):\n    raise OSError(24, 'too many')\nc.BaseContext.Lock = refuse",
        "yes > no",
    ),
    python(
        "helpers.bounded_release",
        "none",
        MP + "multiprocessing.BoundedSemaphore = multiprocessing.Semaphore",
        "yes > no",
    ),
    # hooks
    child(
        "hooks.import_hook",
        "spawn",
        "    except ImportError:\n        return False\n",
        "    except ImportError:\n        return True\n",
        "no > yes",
    ),
    child("hooks.registered_reducer", "spawn", "    return (int, (7,))", "    return (int, (8,))", "yes > error"),
    child("hooks.audit_hook", "spawn", '    return events == ["canifork.event"]', "    return True", "no > yes"),
    child(
        "hooks.registered_codec",
        "spawn",
        "    except LookupError:\n        return False",
        "    except LookupError:\n        return True",
        "no > yes",
    ),
    # inheritance
    child("inheritance.buffer_twice", "fork", "        pending.flush()\n", "        pass\n", "yes > no"),
    child(
        "inheritance.stdin",
        "fork spawn",
        "    return sys.stdin.read()\n",
        "    return open(0, closefd=False).read()\n",
        "no > yes",
    ),
    child(
        "inheritance.descriptor_zero",
        "fork spawn",
        "    return os.read(0, 4)",
        "    return os.read(os.open(os.devnull, 0), 4)",
        "yes > no",
    ),
    child(
        "inheritance.replaced_stdout",
        "spawn",
        "    return type(sys.stdout).__name__",
        '    return "StringIO"',
        "no > yes",
    ),
    child(
        "inheritance.deleted_folder",
        "fork",
        '    return os.environ.get("CANIFORK_VARIABLE", "")',
        "    raise OSError",
        "yes > error",
    ),
    child("inheritance.argv", "fork spawn", "    return sys.argv[1:]\n", "    return []\n", "yes > no"),
    child("inheritance.path", "fork spawn", "    return name in sys.path\n", "    return False\n", "yes > no"),
    child("inheritance.authkey", "fork spawn", "    return bytes(multi", "    return '' and bytes(multi", "yes > no"),
    child("inheritance.parent_pid", "fork spawn", "    return [os.getppid(),", "    return [1,", "yes > no"),
    # what users of pools, managers and real launches ask
    child(
        "endings.pool_parent_killed",
        "fork",
        '    note(os.path.join(folder, "workers"), " ".join(map(str, workers)))\n',
        "    import subprocess, sys\n\n"
        '    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(30)"])\n'
        "    workers = [other.pid]\n"
        '    note(os.path.join(folder, "workers"), " ".join(map(str, workers)))\n',
        "yes > no",
        only=LINUX,
    ),
    child(
        "endings.pool_parent_terminated",
        "fork",
        '    note(os.path.join(folder, "workers"), " ".join(map(str, workers)))\n',
        "    import subprocess, sys\n\n"
        '    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(30)"])\n'
        "    workers = [other.pid]\n"
        '    note(os.path.join(folder, "workers"), " ".join(map(str, workers)))\n',
        "yes > no",
        only=LINUX,
    ),
    child(
        "endings.executor_parent_killed",
        "fork",
        '    note(os.path.join(folder, "workers"), " ".join(map(str, workers)))\n',
        '    kept.shutdown()\n    note(os.path.join(folder, "workers"), " ".join(map(str, workers)))\n',
        "no > yes",
        only=LINUX,
    ),
    child(
        "endings.executor_parent_terminated",
        "fork",
        '    note(os.path.join(folder, "workers"), " ".join(map(str, workers)))\n',
        '    kept.shutdown()\n    note(os.path.join(folder, "workers"), " ".join(map(str, workers)))\n',
        "no > yes",
        only=LINUX,
    ),
    child(
        "endings.manager_parent_terminated",
        "fork",
        '    note(os.path.join(folder, "workers"), " ".join(map(str, workers)))\n',
        '    kept.shutdown()\n    note(os.path.join(folder, "workers"), " ".join(map(str, workers)))\n',
        "no > yes",
        only=LINUX,
    ),
    child(
        "endings.interrupt_in_executor",
        "fork",
        "    os.kill(os.getpid(), signal.SIGINT)\n",
        "    raise ValueError\n",
        "'KeyboardInterrupt' > error",
    ),
    child(
        "endings.interrupt_idle_executor",
        "fork",
        "    signal.signal(signal.SIGINT, signal.default_int_handler)\n",
        "    signal.signal(signal.SIGINT, signal.SIG_IGN)\n",
        "no > error",
    ),
    child(
        "endings.interrupt_idle_pool",
        "fork",
        "    signal.signal(signal.SIGINT, signal.default_int_handler)\n",
        "    signal.signal(signal.SIGINT, signal.SIG_IGN)\n",
        "yes > error",
    ),
    child(
        "endings.interrupt_manager",
        "fork",
        "        interrupt(process.pid)\n",
        "        process.kill()\n        process.join()\n",
        "yes > no",
    ),
    child(
        "endings.killed_idle_pool",
        "fork",
        "        pool._pool[0].kill()\n",
        "        pool._pool[0].kill()\n        lock.release()\n",
        "no > yes",
    ),
    child("endings.killed_idle_executor", "fork", "        pool._processes[worker].kill()\n", "", "yes > no"),
    child(
        "endings.terminate_with_handler",
        "fork",
        "    signal.signal(signal.SIGTERM, Noting(handled))\n",
        "    signal.signal(signal.SIGTERM, signal.SIG_DFL)\n",
        "no > yes",
    ),
    python(
        "endings.with_pool_queued",
        "fork",
        "import multiprocessing.pool as p; p.Pool.__exit__ = lambda self, *error: self.close()",
        "no > yes",
    ),
    python(
        "endings.close_and_join",
        "fork",
        "import multiprocessing.pool as p; p.Pool.close = p.Pool.terminate",
        "yes > no",
    ),
    child(
        "endings.with_executor_queued", "fork", '        file.write("run\\n")\n', '        file.write("")\n', "yes > no"
    ),
    child(
        "endings.exception_in_with", "fork", '        file.write("run\\n")\n', '        file.write("")\n', "yes > no"
    ),
    child(
        "endings.executor_at_end",
        "fork",
        '        file.write("run\\n")\n',
        '        file.write("")\n',
        "yes > no",
        file="assets/endings_open.py",
    ),
    child(
        "endings.pool_at_end",
        "fork",
        "        pool.apply_async(time.sleep, (LIMIT,))\n"
        "        tasks = [pool.apply_async(append, (path,)) for _ in range(3)]\n",
        "        tasks = [pool.apply_async(append, (path,)) for _ in range(3)]\n"
        "        [task.get() for task in tasks]\n",
        "no > yes",
        file="assets/endings_open.py",
    ),
    child(
        "endings.manager_killed",
        "fork",
        "    manager._process.kill()\n    manager._process.join()\n",
        "",
        "'BrokenPipeError' > error",
    ),
    child(
        "pooled.late_environment",
        "fork",
        '    return os.environ.get("CANIFORK_POOLED", "")\n',
        '    return "late"\n',
        "no > yes",
    ),
    child(
        "pooled.executor_environment",
        "spawn",
        '    return os.environ.get("CANIFORK_POOLED", "")\n',
        '    return ""\n',
        "yes > no",
    ),
    child(
        "pooled.late_folder", "fork", "    return os.path.realpath(os.getcwd())\n", "    return os.sep\n", "no > error"
    ),
    child(
        "pooled.context_of_submit",
        "fork",
        "    return context_variable().get()\n",
        "    import time\n\n    return str(time.monotonic())\n",
        "no > error",
    ),
    child(
        "pooled.context_of_pool", "fork", "    return context_variable().get()\n", '    return "unset"\n', "yes > no"
    ),
    child("payloads.method_in_pool", "spawn", "        self.amount += number\n", "        pass\n", "yes > error"),
    child("payloads.method_in_executor", "spawn", "        self.amount += number\n", "        pass\n", "yes > error"),
    python("payloads.method_of_owner", "fork", EXECUTOR + "e.__reduce__ = lambda self: (int, ())", "no > yes"),
    child("payloads.attribute_set_by_task", "fork", "        self.amount += number\n", "        pass\n", "no > error"),
    child("pooled.set_by_initializer", "spawn", "    given.append(thing)\n", "    given.append(0)\n", "yes > error"),
    child("pooled.queue_in_initargs", "spawn", "    given.append(thing)\n", "    given.append(0)\n", "yes > error"),
    python(
        "payloads.queue_in_executor_task",
        "spawn",
        "import multiprocessing.context as c; c.assert_spawning = lambda thing: None",
        "no > yes",
    ),
    python(
        "payloads.event_in_executor_task",
        "spawn",
        "import multiprocessing.context as c; c.assert_spawning = lambda thing: None",
        "no > yes",
    ),
    python(
        "payloads.value_in_pool_task",
        "spawn",
        "import multiprocessing.context as c; c.assert_spawning = lambda thing: None\n"
        "import multiprocessing.sharedctypes as s; s.assert_spawning = c.assert_spawning",
        "no > yes",
    ),
    child(
        "payloads.manager_queue_in_executor_task",
        "fork",
        '    queue.put("item")\n',
        '    queue.put("other")\n',
        "yes > error",
        file="_tasks.py",
    ),
    child("payloads.shared_memory_in_pool_task", "spawn", "    block.buf[0] = 7\n", "", "yes > no"),
    child(
        "payloads.connection_in_pool_task",
        "fork",
        '    connection.send("sent")\n',
        '    connection.send("other")\n',
        "yes > error",
    ),
    child(
        "payloads.large_result",
        "fork",
        "    return bytes(range(256)) * (size >> 8)\n",
        "    import os\n\n    return str(os.getpid()).encode() * (size >> 8)\n",
        "yes > error",
    ),
    child(
        "pooled.random_numbers",
        "fork",
        "    return [random.random(), os.getpid()]\n",
        "    return [0.5, os.getpid()]\n",
        "no > yes",
    ),
    child(
        "pooled.several_threads",
        "fork",
        "    return 2 * number\n",
        "    return number\n",
        "yes > error",
        file="_tasks.py",
    ),
    child("pooled.input_in_task", "fork", "        return input()\n", '        return "text"\n', "'EOFError' > error"),
    python(
        "proxies.made_in_arguments",
        "spawn",
        "import multiprocessing.process as p; s = p.BaseProcess.start; kept = []\ndef start(self):\n"
        "    kept.append(self._args)\n    s(self)\np.BaseProcess.start = start",
        "no > yes",
    ),
    python(
        "proxies.dropped_by_parent",
        "forkserver",
        "import multiprocessing.context as c\nc.ForkServerProcess._after_fork = staticmethod(lambda: None)",
        "yes > no",
    ),
    python(
        "proxies.dropped_by_parent",
        "spawn",
        "import multiprocessing.context as c, multiprocessing.process as p\n"
        "c.SpawnProcess._after_fork = staticmethod(p.BaseProcess._after_fork)",
        "no > yes",
        only=POSIX + ' and python_version >= "3.10"',
    ),
    child(
        "proxies.after_os_fork",
        "none",
        "        its = forked(lambda: socket_of(shared))\n",
        "        its = forked(lambda: (delattr(shared._tls, 'connection'), socket_of(shared))[1])\n",
        "no > yes",
        only=LINUX,
    ),
    child(
        "proxies.sent_on",
        "fork",
        '    connection.recv()["child"] = 2\n',
        '    connection.recv()["child"] = 3\n',
        "yes > error",
    ),
    python(
        "proxies.own_authkey",
        "spawn",
        "import multiprocessing.managers as m; r = m.BaseProxy.__reduce__\ndef reduce(self):\n"
        "    rebuild, args = r(self)\n    args[3].pop('authkey')\n    return rebuild, args\n"
        "m.BaseProxy.__reduce__ = reduce",
        "yes > no",
    ),
    python(
        "proxies.own_authkey_sent",
        "fork",
        "import multiprocessing.managers as m; r = m.BaseProxy.__reduce__\ndef reduce(self):\n"
        "    rebuild, args = r(self)\n    args[3]['authkey'] = b'a key of its own'\n"
        "    return rebuild, args\nm.BaseProxy.__reduce__ = reduce",
        "no > yes",
    ),
    child(
        "proxies.attribute_of_object",
        "fork",
        'Manager.register("Counter", Counter)\n',
        "from multiprocessing.managers import NamespaceProxy\n\n\nclass Proxy(NamespaceProxy):\n"
        '    _exposed_ = ("__getattribute__", "get")\n\n    def get(self):\n'
        '        return self._callmethod("get")\n\n\nManager.register("Counter", Counter, Proxy)\n',
        "no > yes",
        file="assets/proxies_own.py",
    ),
    child(
        "proxies.remote_traceback",
        "fork",
        '        return {}["missing"]\n',
        '        raise KeyError("in get_missing")\n',
        "no > yes",
        file="assets/proxies_own.py",
    ),
    child(
        "proxies.calls_at_once",
        "fork",
        "        return GO.wait(LIMIT)\n",
        "        return GO.wait(0)\n",
        "yes > no",
        file="assets/proxies_own.py",
    ),
    child("proxies.lock_of_killed", "fork", "    lock.acquire()\n", "", "no > yes"),
    child(
        "proxies.unread_queue", "fork", "        queue = manager.Queue()\n", "        queue = ctx.Queue()\n", "yes > no"
    ),
    python(
        "proxies.manager_attribute",
        "spawn",
        "import multiprocessing.managers as m; m.BaseManager.__reduce__ = lambda self: (int, ())",
        "no > yes",
    ),
    child(
        "proxies.manager_in_pool_task",
        "fork",
        '    """A daemonic process makes a manager; how it was refused, or what is in its dictionary."""\n'
        "    import multiprocessing\n",
        '    """A daemonic process makes a manager; how it was refused, or what is in its dictionary."""\n'
        "    import multiprocessing\n\n"
        "    multiprocessing.current_process()._config['daemon'] = False\n",
        "no > yes",
    ),
    python(
        "proxies.equality",
        "fork",
        "import multiprocessing.managers as m; m.BaseProxy.__eq__ = lambda self, other: list(self) "
        "== other\nm.BaseProxy.__hash__ = object.__hash__",
        "no > yes",
    ),
    python(
        "proxies.as_json", "fork", "import json; d = json.dumps; json.dumps = lambda thing: d(thing.copy())", "no > yes"
    ),
    python("proxies.unpicklable_value", "fork", PICKLE_LOCK, "yes > no"),
    child(
        "proxies.instance_of_main",
        "spawn",
        "        self.number = number\n",
        "        self.number = 0\n",
        "yes > error",
    ),
    child("proxies.over_tcp", "fork", '["number"] == 3', '["number"] == 4', "yes > error"),
    child(
        "launching.console_script",
        "fork spawn",
        '        file.write("child\\n")\n',
        '        file.write("another\\n")\n',
        "yes > error",
        file="assets/guard_guarded.py",
    ),
    child(
        "launching.main_replaced",
        "spawn",
        '        file.write("child\\n")\n',
        '        file.write("another\\n")\n',
        "yes > error",
        file="assets/guard_guarded.py",
    ),
    child(
        "launching.under_pdb",
        "fork",
        '        file.write("child\\n")\n',
        '        file.write("another\\n")\n',
        "yes > error",
        file="assets/guard_guarded.py",
    ),
    child(
        "launching.under_unittest",
        "spawn",
        '        file.write("child\\n")\n',
        '        file.write("another\\n")\n',
        "yes > error",
        file="assets/guard_guarded.py",
    ),
    child(
        "launching.by_link",
        "spawn",
        '        file.write("child\\n")\n',
        '        file.write("another\\n")\n',
        "yes > error",
        file="assets/guard_guarded.py",
    ),
    child(
        "launching.module_beside",
        "spawn",
        '        file.write("child\\n")\n',
        '        file.write("another\\n")\n',
        "yes > error",
        file="assets/guard_guarded.py",
    ),
    child(
        "launching.closed_streams",
        "fork",
        'target=note, args=("child",)',
        'target=note, args=("another",)',
        "yes > error",
    ),
    child(
        "launching.under_profiler",
        "fork",
        '        file.write("child\\n")\n',
        '        file.write("another\\n")\n',
        "yes > error",
        file="assets/guard_guarded.py",
    ),
    child("launching.in_venv", "spawn", "sys.prefix == sys.argv[1]", "sys.prefix != sys.argv[1]", "yes > no"),
    child(
        "launching.unguarded_command",
        "spawn",
        "import sys\nfrom program.cli import main\nsys.exit(main())\n",
        'import sys\nfrom program.cli import main\nif __name__ == "__main__":\n    sys.exit(main())\n',
        "no > yes",
    ),
    child(
        "launching.run_in_dict",
        "spawn",
        'exec(code, {"__name__": "__main__", "__file__": path})',
        "__file__ = path; exec(code, globals())",
        "no > yes",
    ),
    child("launching.main_without_spec", "spawn", "del module.__spec__\n", "module.__spec__ = None\n", "no > yes"),
    child(
        "launching.method_set_at_top",
        "spawn",
        'set_start_method(os.environ["CANIFORK_METHOD"])',
        'set_start_method(os.environ["CANIFORK_METHOD"], force=True)',
        "no > yes",
    ),
    child(
        "launching.name_at_import",
        "spawn",
        '(multiprocessing.current_process().name, "none"',
        '("other", "none"',
        "'SpawnProcess-1' > 'other'",
    ),
    child("launching.parent_at_import", "spawn", '"none" if parent is None else "known"', '"known"', "no > yes"),
    child(
        "launching.path_object",
        "forkserver",
        'sys.path.append(pathlib.Path(scratch("nowhere")))',
        'sys.path.append(str(pathlib.Path(scratch("nowhere"))))',
        "no > yes",
        only=PATHS,
    ),
    child(
        "late.late_affinity",
        "spawn",
        "    return sorted(os.sched_getaffinity(0))\n",
        '    return sorted(os.sched_getaffinity(0)) if __name__ == "__main__" else [99]\n',
        "yes > error",
        only=LINUX,
    ),
    child(
        "late.late_nice",
        "spawn",
        "    return os.nice(0)\n",
        '    return os.nice(0) if __name__ == "__main__" else -99\n',
        "yes > error",
    ),
    child(
        "late.late_limit",
        "spawn",
        "    return resource.getrlimit(resource.RLIMIT_CORE)[0]\n",
        '    return resource.getrlimit(resource.RLIMIT_CORE)[0] if __name__ == "__main__" else 17\n',
        "yes > error",
    ),
    child(
        "late.late_signal_mask",
        "spawn",
        "    return signal.SIGUSR1 in signal.pthread_sigmask(signal.SIG_BLOCK, [])\n",
        "    return signal.SIGUSR1 in signal.pthread_sigmask(signal.SIG_BLOCK, []) if __name__ == "
        '"__main__" else False\n',
        "yes > no",
    ),
    child(
        "late.late_argv",
        "spawn",
        "    return sys.argv[1:]\n",
        '    return sys.argv[1:] if __name__ == "__main__" else ["other"]\n',
        "yes > error",
    ),
    child(
        "late.late_time_zone",
        "spawn",
        "    return time.tzname[0]\n",
        '    return time.tzname[0] if __name__ == "__main__" else "other"\n',
        "yes > error",
    ),
    child(
        "late.late_authkey",
        "spawn",
        '    return bytes(multiprocessing.current_process().authkey).decode("latin-1")\n',
        '    return bytes(multiprocessing.current_process().authkey).decode("latin-1") if __name__ '
        '== "__main__" else "other"\n',
        "yes > error",
    ),
    child("late.late_group", "fork", "    connection.send(os.getpgrp())\n", "    connection.send(1)\n", "yes > error"),
    child(
        "late.late_pythonpath",
        "spawn",
        "    except ImportError:\n        return False\n",
        "    except ImportError:\n        return True\n",
        "no > yes",
    ),
    child(
        "late.late_preload",
        "forkserver",
        '    return "this_is_preloaded" in sys.modules\n',
        '    return "this_is_preloaded" in sys.modules if __name__ == "__main__" else True\n',
        "no > yes",
    ),
    child(
        "late.late_user",
        "fork",
        "{0: AS_ROOT, NOBODY: AS_NOBODY}",
        "{0: AS_NOBODY, NOBODY: AS_ROOT}",
        "yes > no",
        refusable=True,
    ),
    child("late.late_root", "fork", "    os._exit(40 if os", "    os._exit(41 if os", "yes > no", refusable=True),
    child(
        "kinds.epoll",
        "fork",
        "    return [event for _, event in poller.poll(0)] == [1]  # EPOLLIN\n",
        "    return False\n",
        "yes > no",
        only=LINUX,
    ),
    child(
        "kinds.selector",
        "fork",
        '    return [key.data for key, _ in selector.select(0)] == ["mine"]\n',
        "    return False\n",
        "yes > no",
    ),
    child(
        "kinds.socket_subclass", "fork", '    return connection.name == "mine"\n', "    return False\n", "yes > error"
    ),
    child(
        "kinds.unregistered_logger", "fork", '    return records == ["a record"]\n', "    return False\n", "yes > error"
    ),
    child(
        "kinds.compressor",
        "fork",
        '    return zlib.decompress(thing.compress(b"a text") + thing.flush()) == b"a text"\n',
        "    return False\n",
        "yes > error",
    ),
    child("kinds.running_program", "fork", '(b"line\\n")', '(b"another line\\n")', "yes > error"),
    child("kinds.temporary_file", "fork", '    return file.read() == b"a text"\n', "    return False\n", "yes > error"),
    child("kinds.coroutine", "fork", "        return end.value == 7\n", "        return False\n", "yes > error"),
    child("kinds.text_stream", "fork", '    return stream.read() == "xt"\n', "    return False\n", "yes > error"),
    child("kinds.expression_match", "fork", '    return match.group(2) == "b"\n', "    return False\n", "yes > error"),
    child(
        "kinds.traceback_object",
        "fork",
        '    return thing.tb_frame.f_code.co_name == "traceback_object"\n',
        "    return False\n",
        "yes > error",
    ),
    child(
        "kinds.local_named_tuple", "fork", "    return point.x + point.y == 3\n", "    return False\n", "yes > error"
    ),
    child(
        "kinds.weak_dictionary",
        "fork",
        '    return isinstance(mapping["key"], Lazy)\n',
        "    return False\n",
        "yes > error",
    ),
    child(
        "kinds.cached_property_read",
        "fork spawn",
        "    @functools.cached_property\n",
        "    @property\n",
        "yes > no",
    ),
    child(
        "kinds.time_zone",
        "fork",
        "    return datetime.datetime(2020, 1, 1, 12, tzinfo=zone).utcoffset() == datetime.timedelta(0)\n",
        "    return False\n",
        "yes > error",
        only=NEW,
    ),
    child(
        "kinds.dup_fd",
        "fork",
        '        return os.read(descriptor, 16) == b"a text"\n',
        "        return False\n",
        "yes > error",
    ),
    python(
        "kinds.expression_match",
        "spawn",
        "import copyreg, re; copyreg.pickle(re.Match, lambda match: (re.match, ('(a)(b)', 'ab')))",
        "no > yes",
    ),
    python(
        "kinds.compressor",
        "spawn",
        "import copyreg, zlib; copyreg.pickle(type(zlib.compressobj()), lambda thing: (zlib.compressobj, ()))",
        "no > yes",
    ),
    child(
        "kinds.listening_socket",
        "spawn",
        '    client.sendall(b"served")\n',
        '    client.sendall(b"other")\n',
        "yes > error",
    ),
    child("moments.fork_in_coroutine", "none", '        return "7"\n', '        return "8"\n', "yes > error"),
    child(
        "moments.shared_epoll",
        "none",
        "lambda: str(poller.unregister(reader))",
        "lambda: str(None)",
        "yes > no",
        only=LINUX,
    ),
    child(
        "moments.watchdog_cancelled",
        "none",
        "    faulthandler.dump_traceback_later(10 * LIMIT)\n",
        "",
        "no > yes",
    ),
    child("moments.queue_listener", "fork", "    records = queue.Queue()\n", "    records = ctx.Queue()\n", "no > yes"),
    child(
        "moments.opened_after_executor",
        "fork",
        "    try:\n        return os.fstat(number).st_ino == inode\n",
        "    return False\n    try:\n        return os.fstat(number).st_ino == inode\n",
        "yes > no",
    ),
    child(
        "moments.opened_after_pool",
        "fork",
        "    try:\n        return os.fstat(number).st_ino == inode\n",
        "    return True\n    try:\n        return os.fstat(number).st_ino == inode\n",
        "no > yes",
    ),
    child(
        "moments.pipe_end_of_sibling",
        "fork",
        "        self.process = ctx.Process(",
        "        import multiprocessing\n\n        self.process = multiprocessing.get_context('spawn').Process(",
        "no > yes",
    ),
    child(
        "moments.port_of_parent",
        "fork",
        "        self.process = ctx.Process(",
        "        import multiprocessing\n\n        self.process = multiprocessing.get_context('spawn').Process(",
        "no > yes",
    ),
    child(
        "moments.order_at_exit",
        "fork",
        '        say("later")\n',
        '        say("never")\n',
        "'later; child; earlier' > error",
        file="assets/moments_end.py",
    ),
    child(
        "moments.daemon_beside_thread",
        "fork",
        '    if mine.recv() != "early":\n        raise SystemError("no reply")\n',
        "    mine.recv()\n    process.kill()\n    process.join()\n",
        "yes > no",
        file="assets/moments_end.py",
    ),
    child(
        "moments.tracker_of_fork",
        "none",
        '    return "yes" if is_open(number, inode) else "no"\n',
        '    os.close(number)\n    return "yes" if is_open(number, inode) else "no"\n',
        "yes > no",
        only=POSIX + ' and python_version < "3.14"',
    ),
    child(
        "moments.start_after_main",
        "fork",
        "    child.start()\n",
        '    raise RuntimeError("refused")\n',
        "yes > no",
        file="assets/moments_end.py",
        only=POSIX + ' and python_version < "3.12"',
    ),
    child(
        "moments.submit_after_main",
        "fork",
        "lambda: pool.submit(int).result(LIMIT)",
        "int",
        "no > yes",
        file="assets/moments_end.py",
    ),
    child(
        "moments.folder_after_os_exit",
        "none",
        "    os._exit(5)\n",
        "    sys.exit(5)\n",
        "yes > no",
        file="assets/moments_end.py",
    ),
    child(
        "moments.block_after_os_exit",
        "fork",
        "    block.buf[0] = 1\n    os._exit(0)\n",
        "    block.unlink()\n    os._exit(0)\n",
        "yes > no",
    ),
    child(
        "moments.unregistered_by_child",
        "spawn",
        '    resource_tracker.unregister(block._name, "shared_memory")\n',
        "",
        "yes > no",
    ),
    python(
        "results.unordered", "none", "import multiprocessing.pool as p; p.Pool.imap_unordered = p.Pool.imap", "yes > no"
    ),
    child(
        "copying.reading_objects",
        "fork",
        "    for thing in things[0]:\n",
        "    for thing in ():\n",
        "yes > no",
        only=CPYTHON,
    ),
    child(
        "copying.reading_bytes",
        "fork",
        "    sum(things[0])\n",
        '    things.append([bytearray(b"x") * (24 << 20)])\n',
        "no > yes",
        only=LINUX,
    ),
    child(
        "copying.reading_array",
        "fork",
        '    """Look at each number."""\n',
        '    things.append([bytearray(b"x") * (24 << 20)])\n',
        "no > yes",
        only=LINUX,
    ),
    child("copying.collecting", "fork", "    gc.collect()\n", "    pass\n", "yes > no", only=CPYTHON),
    child("copying.collecting_frozen", "fork", "    gc.freeze()\n", "", "no > yes", only=CPYTHON),
    python(
        "waiting.queue_of_dead_writer",
        "fork",
        "import multiprocessing.queues as q; get = q.Queue.get\n"
        "q.Queue.get = lambda self, block=True, timeout=None: get(self, block, timeout or 0.1)",
        "no > yes",
    ),
    child("waiting.half_item", "fork", 'queue.put(b"x" * 2**20)', 'queue.put(b"x")', "no > error"),
    python("waiting.condition_of_dead_sleeper", "fork", HASTY, "no > yes"),
    python("waiting.event_of_dead_sleeper", "fork", HASTY, "no > yes"),
    python("waiting.barrier_of_dead_party", "fork", HASTY, "no > yes"),
    python("waiting.event_in_handler", "fork", HASTY, "no > yes"),
    child(
        "waiting.joinable_of_dead_worker",
        "fork",
        "    queue.get()\n",
        "    queue.get(), queue.task_done()\n",
        "no > yes",
    ),
    python(
        "waiting.result_of_terminated_pool",
        "fork",
        "import multiprocessing.pool as m; old = m.Pool.terminate\ndef terminate(self):\n"
        "    [one._set(0, (False, OSError())) for one in list(self._cache.values())]\n    old(self)\n"
        "m.Pool.terminate = terminate",
        "no > yes",
    ),
    python(
        "waiting.iterator_of_dropped_pool",
        "fork",
        "import multiprocessing.pool as m; m.Pool.imap = lambda self, *some: m.IMapIterator(self)",
        "yes > no",
    ),
    child("waiting.proxy_after_shutdown", "fork", '        proxy["used"] = 2\n', "        pass\n", "yes > error"),
    child(
        "working.stop_iteration_in_imap",
        "fork",
        "        raise StopIteration\n",
        "        raise RuntimeError\n",
        "no > yes",
    ),
    child("working.base_exception_in_pool", "fork", "Cancelled(BaseException)", "Cancelled(Exception)", "no > yes"),
    child(
        "working.others_in_pool_map",
        "fork",
        '        raise ValueError("the first one")\n',
        '        raise ValueError("the first one")\n    return\n',
        "yes > no",
    ),
    python(
        "working.others_in_executor_map",
        "fork",
        "import concurrent.futures._base as b; b.Future.cancel = lambda self: False",
        "yes > no",
    ),
    child(
        "working.run_after_cancel",
        "fork",
        '    """Note that a task ran."""\n',
        '    """Note nothing."""\n    return\n',
        "2 > 0",
        only=NEW,
    ),
    child(
        "working.untaken_results",
        "fork",
        "        numbered(number, self.folder)\n",
        "        number > 5 or numbered(number, self.folder)\n",
        "yes > no",
    ),
    child("working.argument_kept_by_pool", "fork", "    return thing.sent\n", KEEP, "no > error", only=CPYTHON),
    child("working.argument_kept_by_executor", "fork", "    return thing.sent\n", KEEP, "no > error", only=CPYTHON),
    child(
        "working.daemon_flag", "fork", "current_process().daemon = False", "current_process().name = 'x'", "yes > no"
    ),
    child("working.program", "fork", "sys.exit(7)", "sys.exit(8)", "yes > error"),
    child(
        "working.executor_in_task",
        "fork",
        "    import multiprocessing\n    from concurrent.futures import ProcessPoolExecutor\n",
        NOT_DAEMONIC + "    from concurrent.futures import ProcessPoolExecutor\n",
        "no > yes",
    ),
    child("working.alarm", "fork", '        return "late"\n', '        return "early"\n', "yes > error"),
    child(
        "working.callback_at_close", "spawn", '    atexit.register(note, path, "")\n', "    del atexit\n", "yes > no"
    ),
    child("working.callback_at_terminate", "fork", "    register(path)\n", '    note(path, "")\n', "no > yes"),
    child(
        "working.callback_of_executor", "spawn", '    atexit.register(note, path, "")\n', "    del atexit\n", "yes > no"
    ),
    child(
        "working.interpreter_function",
        "none",
        "    return twice(given)\n",
        "    return 3\n",
        "yes > error",
        only=INTERPRETERS,
        file="assets/working_interpreters.py",
    ),
    child(
        "working.interpreter_unguarded",
        "none",
        'if case == "unguarded":\n',
        'if case == "unguarded" and __name__ == "__main__":\n',
        "no > yes",
        only=INTERPRETERS,
        file="assets/working_interpreters.py",
    ),
    child(
        "working.interpreter_lambda",
        "none",
        "told(lambda: twice(2))",
        "told(lambda: 4)",
        "no > yes",
        only=INTERPRETERS,
        file="assets/working_interpreters.py",
    ),
    child("beginnings.pool_of_parent", "fork", "pool.apply_async(double, (2,)).get(SHORT)", "double(2)", "no > yes"),
    child("beginnings.executor_of_parent", "fork", "pool.submit(double, 2).result(SHORT)", "double(2)", "no > yes"),
    child(
        "beginnings.queue_of_parent",
        "fork",
        "        put_item(queue)\n",
        "        queue._reset(after_fork=True), put_item(queue)\n",
        "no > yes",
        only=CPYTHON,
    ),
    child(
        "beginnings.as_daemon",
        "fork",
        'args=(report, "child")',
        'args=(report, "other")',
        "yes > error",
        file="assets/beginnings_daemon.py",
    ),
    child(
        "beginnings.as_daemon",
        "forkserver",
        "        second = ctx.Process",
        "        import multiprocessing.forkserver as f\n\n        f._forkserver.__init__()\n"
        "        second = ctx.Process",
        "no > yes",
        only=CPYTHON,
        file="assets/beginnings_daemon.py",
    ),
    child(
        "beginnings.as_closed_daemon",
        "fork",
        'args=(report, "child")',
        'args=(report, "other")',
        "yes > error",
        file="assets/beginnings_daemon.py",
    ),
    python(
        "beginnings.after_fork_callback",
        "fork",
        "import multiprocessing.util as u; u._run_after_forkers = lambda: None",
        "yes > no",
    ),
    child(
        "beginnings.no_executable",
        "fork",
        "Process(target=os.mkdir, args=(%r",
        "Process(target=len, args=(%r",
        "yes > error",
    ),
    child("beginnings.notebook_as_main", "spawn", '[{"execution_count": null}]', "[]", "no > yes"),
    child(
        "beginnings.parent_gone",
        "fork",
        "Process(target=os.mkdir, args=(folder,)).start()",
        "Process(target=os.rmdir, args=(folder,)).start()",
        "yes > no",
    ),
    python(
        "beginnings.child_of_failed_start",
        "spawn",
        "import multiprocessing.popen_spawn_posix as m; old = m.Popen._launch\ndef launch(self, one):\n"
        "    sys.stderr.write('EOFError: Ran out of input\\n')\n    return old(self, one)\nm.Popen._launch = launch",
        "no > yes",
    ),
    python(
        "beginnings.tracker_replaced",
        "none",
        "import multiprocessing.resource_tracker as r; run = r.ensure_running\n"
        "r.ensure_running = lambda: r._resource_tracker._pid or run()",
        "yes > no",
    ),
    child("beginnings.edited_module", "spawn", 'TELL % "the new text")', 'TELL % "old")', "yes > no"),
    child("beginnings.removed_path", "spawn", "    sys.path.remove(folder)\n", "", "no > yes"),
    child(
        "beginnings.enum_of_helper",
        "spawn",
        "def make(name):\\n    return enum.Enum(name, 'RED GREEN')",
        "Color = enum.Enum('Color', 'RED GREEN')\\n\\ndef make(name):\\n    return Color",
        "no > yes",
    ),
    child(
        "beginnings.global_nested",
        "spawn",
        "def outer():\n",
        'def made_late(path):\n    note(path, "told")\n\n\ndef outer():\n',
        "no > yes",
    ),
    child(
        "beginnings.structure",
        "fork",
        "    points[1].y += 1\n    return points[1].y == 5\n",
        "    return True\n",
        "yes > no",
    ),
    child("beginnings.return_value", "fork", "    return 7\n", "    raise SystemExit(7)\n", "no > yes"),
    python(
        "files.renamed_while_open",
        "fork",
        "def rename(*some): raise PermissionError(13, 'in use')\nos.rename = rename",
        "yes > no",
    ),
    child(
        "files.rolled_over",
        "fork",
        "logging.handlers.RotatingFileHandler(path, backupCount=1)\n    logger",
        "logging.handlers.WatchedFileHandler(path)\n    logger",
        "no > yes",
    ),
    child(
        "files.appended_lines",
        "fork",
        '    with open(path, "a") as file:\n        for',
        '    with open(path, "w") as file:\n        for',
        "yes > no",
    ),
    child("files.shut_by_child", "fork", "    connection.shutdown(socket.SHUT_RDWR)\n", "", "yes > no"),
    python(
        "files.descriptors_of_pool",
        "fork",
        "import multiprocessing.pool as m; end = m.Pool.join\ndef join(self):\n    end(self)\n"
        "    for queue in (self._inqueue, self._outqueue):\n        queue._reader.close(), queue._writer.close()\n"
        "m.Pool.join = join",
        "8 > 4",
        only=CPYTHON,
    ),
    python(
        "files.descriptors_of_queue",
        "fork",
        "import multiprocessing.queues as q; q.Queue.close = q.Queue.join_thread = lambda self: None",
        "0 > 2",
        only=CPYTHON,
    ),
    python(
        "files.block_after_close",
        "none",
        "import multiprocessing.shared_memory as m; old = m.SharedMemory.close\n"
        "m.SharedMemory.close = lambda self: (old(self), self.unlink())\nm.SharedMemory.__del__ = lambda self: None",
        "yes > no",
    ),
    python(
        "files.block_after_failed_attach",
        "none",
        "import multiprocessing.shared_memory as m; m.SharedMemory.unlink = lambda self: None",
        "no > yes",
    ),
    child(
        "files.noise_of_executor",
        "fork",
        "signal.signal(signal.SIGINT, signal.default_int_handler)",
        "signal.signal(signal.SIGINT, lambda *some: os._exit(0))",
        "yes > no",
    ),
    child(
        "sandboxes.block_larger_than_shm",
        "none",
        "    status = os.statvfs",
        "    import multiprocessing.shared_memory as m\n\n"
        "    m.SharedMemory.__init__ = lambda *some, **more: open(os.devnull + '/')\n"
        "    status = os.statvfs",
        "no > yes",
        only=LINUX,
        refusable=True,
    ),
    child(
        "sandboxes.write_beyond_shm",
        "spawn",
        "    for place in range(0, MUCH, 4096):\n",
        "    for place in range(0, 4096, 4096):\n",
        "-7 > 0",
        only=LINUX,
        refusable=True,
    ),
    child(
        "sandboxes.lock_in_full_shm",
        "none",
        "            while file.write(bytes(4096)):\n",
        "            while file.write(bytes(0)):\n",
        "no > yes",
        only=LINUX,
        refusable=True,
    ),
    child(
        "sandboxes.lock_in_readonly_shm",
        "none",
        "    small_shm(MS_RDONLY)\n",
        "    small_shm()\n",
        "no > yes",
        only=LINUX,
        refusable=True,
    ),
    child(
        "sandboxes.process_in_readonly_tmp",
        "fork",
        "target=os._exit, args=(7,)",
        "target=os._exit, args=(8,)",
        "yes > error",
        only=LINUX,
        refusable=True,
    ),
    python(
        "sandboxes.manager_in_readonly_tmp",
        "fork",
        "import multiprocessing.managers as m; start = m.BaseManager.start\ndef begin(self, *some):\n"
        "    self._address = ('127.0.0.1', 0)\n    start(self, *some)\nm.BaseManager.start = begin",
        "no > yes",
        only=LINUX,
        refusable=True,
    ),
    # misuse
    child(
        "misuse.call_for_target",
        "fork spawn",
        "target=note_process(path)",
        "target=note_process, args=(path,)",
        "no > yes",
    ),
    python(
        "misuse.group_argument",
        "none",
        MP + "init = p.BaseProcess.__init__\np.BaseProcess.__init__ = lambda self, group: init(self)",
        "yes > no",
    ),
    python(
        "misuse.after_failed_start",
        "spawn forkserver",
        MP + "p.BaseProcess.start = lambda self: __import__('missing')",
        "'pid None, exitcode None, alive False' > unavailable",
    ),
    python(
        "workers.timeout_of_get",
        "fork spawn",
        "import multiprocessing.pool as p\ndef get(self, seconds):\n"
        "    [(worker.kill(), worker.join()) for worker in self._pool._pool]\n"
        "    raise p.TimeoutError\np.ApplyResult.get = get",
        "yes > no",
        NEW,
    ),
    python(
        "pools.processor_count",
        "none",
        "import multiprocessing.pool as p; init = p.Pool.__init__\n"
        "p.Pool.__init__ = lambda self, *some, **more: init(self, p.os.cpu_count(), **more)",
        "'os.process_cpu_count' > 'os.cpu_count'",
        POSIX + ' and python_version >= "3.13"',
    ),
    python(
        "pools.processor_count",
        "none",
        "import multiprocessing.pool as p; init = p.Pool.__init__\n"
        "p.Pool.__init__ = lambda self, *some, **more: init(self, 1, **more)",
        "'os.cpu_count' > 'os.process_cpu_count'",
        OLD,
    ),
    # hooks that are called in the child
    child(
        "hooks.exception_hook",
        "spawn",
        "    return seen_by_hook(sys.excepthook, ",
        "    sys.excepthook = hook\n    return seen_by_hook(sys.excepthook, ",
        "no > yes",
    ),
    child(
        "hooks.thread_hook",
        "spawn",
        "    return seen_by_hook(failing_thread)",
        "    threading.excepthook = hook\n    return seen_by_hook(failing_thread)",
        "no > yes",
    ),
    child(
        "hooks.profile_function",
        "spawn",
        "    return seen_by_hook(lambda: None)",
        "    sys.setprofile(hook)\n    return seen_by_hook(lambda: None)",
        "no > yes",
    ),
    child(
        "hooks.monitoring_tool",
        "spawn",
        "    return seen_by_hook(eval(",
        "    m = sys.monitoring\n    if m.get_tool(1) is None:\n        m.use_tool_id(1, 'canifork')\n"
        "        m.register_callback(1, m.events.PY_START, hook)\n        m.set_events(1, m.events.PY_START)\n"
        "    return seen_by_hook(eval(",
        "no > yes",
        CPYTHON + ' and python_version >= "3.12"',
    ),
    child(
        "hooks.memory_tracing",
        "spawn",
        "    return tracemalloc.get_object_traceback(",
        "    tracemalloc.start()\n    return tracemalloc.get_object_traceback(",
        "no > yes",
        CPYTHON,
    ),
    child(
        "hooks.fault_handling",
        "spawn",
        "    os.abort()\n",
        "    import faulthandler; faulthandler.enable()\n    os.abort()\n",
        "no > yes",
    ),
    child("hooks.fault_handling", "fork", "    os.abort()\n", "    os._exit(3)\n", "yes > no"),
    child(
        "hooks.socket_timeout",
        "spawn",
        "    with socket.socket() as made:\n",
        "    socket.setdefaulttimeout(12.5)\n    with socket.socket() as made:\n",
        "no > yes",
    ),
    child(
        "state.trace_function",
        "spawn",
        "    (lambda: None)()\n",
        "    sys.settrace(trace)\n    (lambda: None)()\n",
        "no > yes",
    ),
    # objects that are used in the child
    child("passing.asyncio_lock", "fork", "        async with lock:\n", "        if True:\n", "yes > error"),
    python("passing.popen", "fork", "import subprocess as s; s.Popen.poll = lambda self: None", "yes > error"),
    child("passing.standard_output", "fork", '    stream.write("written")\n', "", "yes > error"),
    child("passing.ctypes_number", "fork spawn", "number.value == 7", "number.value == 8", "yes > error"),
    child("objects.local_class_instance", "fork", "    return thing.x == 7", "    return thing.x == 8", "yes > error"),
    # threads beside a start
    python(
        "threads.running",
        "fork spawn",
        MP + "start = p.BaseProcess.start\ndef refuse(self):\n    import threading\n"
        "    if threading.active_count() > 1:\n        raise RuntimeError('threads')\n    start(self)\n"
        "p.BaseProcess.start = refuse",
        "yes > no",
    ),
    child(
        "threads.go_on",
        "fork",
        "    try:\n        asked.release()\n",
        "    import multiprocessing\n    if multiprocessing.parent_process():\n"
        "        threading.Thread(target=answer_when_asked).start()\n    try:\n        asked.release()\n",
        "no > yes",
    ),
    child(
        "rawfork.printing",
        "none",
        '    sys.stdout.buffer.write(b"y")\n',
        '    open(os.devnull, "wb").write(b"y")\n',
        "no > yes",
    ),
    child(
        "memory.manager_in_child",
        "fork",
        "    block = manager.SharedMemory(size=16)\n    block.buf",
        "    block = shared_memory()(create=True, size=16)\n    block.buf",
        "yes > error",
    ),
    child("launching.asyncio_program", "fork spawn", "raise SystemExit(3)", "raise SystemExit(4)", "yes > error"),
)
