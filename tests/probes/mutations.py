"""Alterations of what probes observe: each row says how an answer must change when the world does.

What is altered is the child, a script that a probe launches, or Python itself (by code that runs before the theme is
imported, in every process); never the code that judges.
"""

from __future__ import annotations

from dataclasses import dataclass

POSIX = 'sys_platform != "win32"'
LINUX = 'sys_platform == "linux"'


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
        "threads.go_on", "fork", "thread.name for thread in threading.enumerate()", '"waiting" for _ in "x"', "no > yes"
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
        "import multiprocessing.process as p; p.BaseProcess.interrupt = lambda self: None",
        "no > yes",
        'python_version < "3.14"',
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
)
