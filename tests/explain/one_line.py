"""Last lines of tracebacks, as people paste them when they ask: no frame, no Python, no start method is told.

Each is the wording of a public report, or of Python 3.14, with names of our own.
"""

from __future__ import annotations

LOCK = ("objects.instance_with_lock", "arguments.threading_lock")
LAMBDA = ("callables.lambda_target", "callables.lambda_argument", "callables.module_lambda")
NESTED = ("callables.nested_function",)
GUARD = ("guard.unguarded_script", "guard.unguarded_pool")
MAIN = ("scripts.interactive", "results.typed_task", "scripts.dash_c")

LINES: dict[str, tuple[str, ...]] = {
    "AttributeError: Can't pickle local object 'main.<locals>.work'": NESTED,
    "AttributeError: Can't get local object 'main.<locals>.work'": NESTED,
    "_pickle.PicklingError: Can't pickle local object <function Case.run.<locals>.test at 0x7f114e766f00>": NESTED,
    "AttributeError: Can't pickle local object 'Data.__init__.<locals>.<lambda>'": LAMBDA,
    "_pickle.PicklingError: Can't pickle <function <lambda> at 0x7f2e8c>: attribute lookup <lambda> on __main__ failed":
        LAMBDA,
    "_pickle.PicklingError: Can't pickle <function <lambda> at 0x7f2e8c>: it's not found as __main__.<lambda>": LAMBDA,
    "_pickle.PicklingError: Can't pickle <function work at 0x7f6b>: it's not the same object as __main__.work":
        ("callables.shadowed_function", "callables.wrapped_function"),
    "_pickle.PicklingError: Can't pickle <class 'app.Point'>: it's not the same object as app.Point":
        ("classes.reloaded_module",),
    "_pickle.PicklingError: Can't pickle <class '__main__.Point'>: attribute lookup Point on __main__ failed":
        ("kinds.local_named_tuple",),
    "_pickle.PicklingError: Can't pickle <class '__main__.Point'>: it's not found as __main__.Point":
        ("kinds.local_named_tuple",),
    "pickle.PicklingError: Can't pickle <class 'unittest.mock.MagicMock'>: it's not the same object as "
    "unittest.mock.MagicMock": ("semantics.monkeypatch_seen",),
    "TypeError: cannot pickle '_thread.lock' object": LOCK,
    "TypeError: can't pickle _thread.lock objects": LOCK,
    "TypeError: cannot pickle '_thread.RLock' object": (*LOCK, "arguments.threading_rlock"),
    "TypeError: cannot pickle '_io.TextIOWrapper' object": ("arguments.text_file",),
    "TypeError: cannot serialize '_io.TextIOWrapper' object": ("arguments.text_file",),
    "TypeError: cannot pickle 'TextIOWrapper' instances": ("arguments.text_file",),
    "TypeError: cannot pickle '_io.BufferedReader' object": ("arguments.binary_file",),
    "TypeError: cannot pickle 'module' object": ("objects.module",),
    "TypeError: can't pickle module objects": ("objects.module",),
    "TypeError: cannot pickle 'generator' object": ("objects.generator",),
    "TypeError: cannot pickle 'weakref.ReferenceType' object": ("objects.weak_reference",),
    "TypeError: cannot pickle 'weakref' object": ("objects.weak_reference",),
    "TypeError: cannot pickle 'select.epoll' object": ("kinds.epoll", "kinds.selector"),
    "TypeError: cannot pickle 'SSLContext' object": ("handles.ssl_context",),
    "TypeError: cannot pickle 'sqlite3.Connection' object": ("resources.sqlite_connection",),
    "TypeError: cannot pickle 'mappingproxy' object": ("objects.mapping_proxy",),
    "TypeError: cannot pickle 'dict_keys' object": ("objects.dict_keys",),
    "TypeError: cannot pickle 'coroutine' object": ("kinds.coroutine",),
    "TypeError: cannot pickle '_contextvars.Context' object": ("library.context",),
    "TypeError: cannot pickle '_thread._local' object": ("arguments.thread_local",),
    "TypeError: cannot pickle '_hashlib.HASH' object": ("handles.hash_object",),
    "TypeError: cannot pickle 'traceback' object": ("kinds.traceback_object", "classes.exception_traceback"),
    "TypeError: cannot pickle 'Environment' object": ("objects.instance_with_getstate",),
    'RuntimeError: Pickling of "binding.Node" instances is not enabled': ("objects.instance_with_getstate",),
    "TypeError: no default __reduce__ due to non-trivial __cinit__": ("objects.instance_with_getstate",),
    "TypeError: Pickling an AuthenticationString object is disallowed for security reasons":
        ("subclasses.unstarted_process",),
    "NotImplementedError: pool objects cannot be passed between processes or pickled":
        ("tasks.method_of_owner", "subclasses.pool_attribute"),
    "ValueError: ctypes objects containing pointers cannot be pickled": ("passing.ctypes_pointer",),
    "RecursionError: maximum recursion depth exceeded while pickling an object": ("passing.deep_chain",),
    "EOFError: Ran out of input": ("beginnings.child_of_failed_start", "misuse.after_failed_start"),
    "_pickle.UnpicklingError: pickle data was truncated":
        ("beginnings.child_of_failed_start", "misuse.after_failed_start"),
    "RuntimeError: An attempt has been made to start a new process before the current process has finished its "
    "bootstrapping phase.": GUARD,
    "RuntimeError:\n        An attempt has been made to start a new process before the\n"
    "        current process has finished its bootstrapping phase.": GUARD,
    "concurrent.futures.process.BrokenProcessPool: A process in the process pool was terminated abruptly while the "
    "future was running or pending.": ("failures.executor_worker", "failures.exit_code_told"),
    "concurrent.futures.process.BrokenProcessPool: A child process terminated abruptly, the process pool is not usable "
    "anymore": ("failures.executor_worker", "failures.submit_after_death"),
    "AttributeError: module '__main__' has no attribute 'work'": MAIN,
    "AttributeError: Can't get attribute 'work' on <module '__main__' (built-in)>": MAIN,
    "AttributeError: Can't get attribute 'work' on <module '__mp_main__' from 'C:\\\\app.py'>":
        ("guard.target_under_guard",),
    "AttributeError: module '__mp_main__' has no attribute 'work'": ("guard.target_under_guard",),
    "AttributeError: module '__main__' has no attribute '__spec__'": ("launching.main_without_spec",),
    "AttributeError: 'Worker' object has no attribute '_closed'": ("subclasses.missing_super_init",),
    "AttributeError: 'ForkAwareLocal' object has no attribute 'connection'": ("managers.after_with",),
    "FileNotFoundError: [Errno 2] No such file or directory: '/home/me/<stdin>'": ("scripts.from_stdin",),
    "OSError: [Errno 22] Invalid argument: 'C:\\\\Users\\\\me\\\\<stdin>'": ("scripts.from_stdin",),
    "FileNotFoundError: [Errno 2] No such file or directory: '/psm_4ccd5ae6'": ("memory.by_name",),
    "FileExistsError: [Errno 17] File exists: '/psm_4ccd5ae6'": ("blocks.name_taken",),
    "KeyError: '/psm_1a2b3c4d'": ("helpers.same_tracker", "tracker.after_other_program"),
    "AssertionError: daemonic processes are not allowed to have children":
        ("lifecycle.child_of_daemon", "pools.nested_pool"),
    "AssertionError: can only join a child process": ("misuse.join_sibling",),
    "AssertionError: cannot start a process twice": ("lifecycle.start_again",),
    "ValueError: process object is closed": ("misuse.exit_code_after_close",),
    "ValueError: Pool not running": ("pools.after_with",),
    "RuntimeError: context has already been set": ("choice.set_twice",),
    "ValueError: cannot find context for 'fork'": ("availability.starts", "availability.context"),
    "OSError: [Errno 24] Too many open files": ("files.descriptors_of_queue", "files.descriptors_of_pool"),
    "OSError: AF_UNIX path too long": ("availability.long_tempdir",),
    "ImportError: This platform lacks a functioning sem_open implementation, therefore, the required synchronization "
    "primitives needed will not function, see issue 3770.": ("helpers.lock_without_semaphores",),
    "RuntimeError: Queue objects should only be shared between processes through inheritance":
        ("sharing.queue_in_pool_task",),
    "RuntimeError: Lock objects should only be shared between processes through inheritance":
        ("sharing.lock_in_pickle", "sharing.lock_in_pool_initializer"),
    "RuntimeError: Synchronized objects should only be shared between processes through inheritance":
        ("payloads.value_in_pool_task",),
    "RuntimeError: A SemLock created in a fork context is being shared with a process in a spawn context. This is not "
    "supported. Please use the same context to create multiprocessing objects and Process.":
        ("sharing.default_context_lock", "sharing.fork_context_lock"),
    "DeprecationWarning: This process (pid=11815) is multi-threaded, use of fork() may lead to deadlocks in the child.":
        ("threads.warning", "threads.os_fork_warning"),
    "UserWarning: resource_tracker: There appear to be 1 leaked semaphore objects to clean up at shutdown":
        ("tracker.semaphore_warning",),
    "UserWarning: resource_tracker: There appear to be 6 leaked shared_memory objects to clean up at shutdown":
        ("tracker.leak_warning",),
    "multiprocessing.pool.MaybeEncodingError: Error sending result: '<generator object f at 0x7f>'. Reason: "
    "'TypeError(\"cannot pickle 'generator' object\")'": ("tasks.pool_result",),
    "multiprocessing.context.AuthenticationError: digest sent was rejected":
        ("connections.wrong_key", "connections.challenge_hash", "inheritance.authkey"),
    "RuntimeError: cannot schedule new futures after interpreter shutdown":
        ("moments.submit_after_main", "results.submit_at_exit"),
}  # fmt: skip
"""Line -> questions of which one must come first."""

ANYBODYS = (
    "NameError: name 'SETTINGS' is not defined",
    "KeyError: 'name'",
    "_queue.Empty",
    "PermissionError: [WinError 5] Access is denied",
    "OSError: [WinError 6] The handle is invalid",
    "RuntimeError: There is no current event loop in thread 'MainThread'.",
    "RuntimeError: release unlocked lock",
    "ConnectionRefusedError: [Errno 111] Connection refused",
    "AttributeError: Can't get attribute 'Net' on <module '__main__' from 'serve.py'>",
)
"""Lines that any program can end with, and that no question is named for."""
