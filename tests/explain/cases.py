"""Tracebacks that we made: small programs, each run by the Python and under the start method that stand here.

`pasted/NAME.txt` is what came out, with the machine's folders replaced; of a long one, the beginning and the end.
"""

from __future__ import annotations

from typing import NamedTuple


class Case(NamedTuple):
    """questions: any of these is right."""

    series: str
    method: str
    questions: tuple[str, ...]


CASES = {
    "ctypes_pointer": Case("3.12", "spawn", ("passing.ctypes_pointer",)),
    "custom_exception_executor": Case("3.12", "fork", ("failures.executor_custom_exception",)),
    "custom_exception_pool": Case("3.11", "fork", ("failures.pool_custom_exception", "objects.exception_with_init")),
    "daemon_children_pool": Case("3.12", "fork", ("pools.nested_pool", "lifecycle.child_of_daemon")),
    "daemon_process_children": Case("3.13", "spawn", ("lifecycle.child_of_daemon", "pools.nested_pool")),
    "defaultdict_lambda": Case("3.14", "forkserver", ("classes.lambda_as_default",)),
    "django_module_global": Case("3.14", "forkserver", ("workers.early_global", "semantics.parent_global_seen")),
    "environ_argument": Case("3.12", "spawn", ("library.environment",)),
    "executor_initializer": Case("3.13", "spawn", ("failures.executor_initializer",)),
    "executor_lambda": Case("3.13", "fork", ("tasks.lambda_in_executor",)),
    "exit_code_segv": Case("3.12", "fork", ("damage.exit_code_of_abort",)),
    "fd_number": Case("3.14", "forkserver", ("resources.file_descriptor",)),
    "fork_with_threads": Case("3.12", "fork", ("threads.warning",)),
    "function_under_guard": Case("3.11", "spawn", ("guard.target_under_guard",)),
    "generator_task": Case("3.12", "fork", ("objects.generator",)),
    "hang_join_queue": Case("3.12", "fork", ("queues.join_before_get",)),
    "hang_lock": Case("3.12", "fork", ("safety.held_lock",)),
    "hang_logging": Case("3.11", "fork", ("safety.held_logging_lock", "safety.held_lock")),
    "hang_pool_at_import": Case("3.12", "fork", ("guard.pool_at_import",)),
    "hang_pool_get": Case("3.12", "fork", ("failures.pool_worker", "workers.exit_in_pool")),
    "hang_thread_pool": Case("3.10", "fork", ("rawfork.thread_pool",)),
    "interrupt_at_end": Case("3.12", "fork", ("lifecycle.joined_at_exit", "signals.interrupted_child")),
    "interrupt_pool": Case("3.12", "fork", ("workers.interrupt_in_pool",)),
    "lambda_target_script": Case("3.12", "spawn", ("callables.lambda_target", "defaults.lambda_target")),
    "late_function_pool": Case("3.12", "fork", ("failures.late_function",)),
    "leaked_shared_memory": Case(
        "3.12", "fork", ("tracker.leak_warning", "tracker.removed_at_end", "tracker.after_other_program")
    ),
    "local_dataclass": Case("3.14", "forkserver", ("objects.local_class_instance",)),
    "local_namedtuple": Case("3.12", "spawn", ("objects.local_class_instance",)),
    "lock_in_executor": Case(
        "3.12",
        "spawn",
        ("sharing.lock_in_pool_initializer", "sharing.lock_in_pickle", "sharing.manager_lock_in_pool_task"),
    ),
    "logger_handler_rlock": Case(
        "3.8",
        "spawn",
        ("arguments.threading_rlock", "objects.instance_with_lock", "handles.log_handler", "library.logger"),
    ),
    "loop_attribute": Case("3.12", "spawn", ("objects.weak_reference",)),
    "mac_mongo_worker": Case(
        "3.9", "spawn", ("objects.instance_with_lock", "callables.bound_method_with_lock", "arguments.threading_lock")
    ),
    "manager_after_with": Case("3.12", "spawn", ("managers.after_with",)),
    "manager_attribute": Case("3.14", "forkserver", ("proxies.manager_attribute",)),
    "missing_super_init": Case("3.12", "spawn", ("subclasses.missing_super_init",)),
    "mixed_contexts": Case("3.12", "spawn", ("sharing.default_context_lock", "sharing.fork_context_lock")),
    "mock_assert": Case("3.14", "forkserver", ("semantics.monkeypatch_seen",)),
    "module_attribute": Case("3.14", "forkserver", ("objects.module",)),
    "named_tuple_not_found": Case("3.14", "forkserver", ("kinds.local_named_tuple", "objects.local_class_instance")),
    "nested_server_in_test": Case("3.14", "forkserver", ("callables.nested_function",)),
    "notebook_executor": Case("3.12", "spawn", ("results.typed_task",)),
    "open_log_file": Case("3.11", "spawn", ("arguments.text_file",)),
    "os_fork_warning": Case("3.13", "fork", ("threads.os_fork_warning", "threads.warning")),
    "path_added_late": Case(
        "3.12", "forkserver", ("callables.function_of_loaded_file", "inheritance.path", "preload.late_path")
    ),
    "pipe_of_ended_sender": Case("3.12", "spawn", ("passing.connection_through_queue", "losses.sharer_socket_removed")),
    "pool_map_closure": Case("3.11", "fork", ("tasks.local_in_pool",)),
    "pool_not_closed": Case("3.11", "fork", ("pools.dropped",)),
    "pool_owner_method": Case("3.12", "fork", ("tasks.method_of_owner", "subclasses.pool_attribute")),
    "process_subclass_lock": Case("3.14", "forkserver", ("subclasses.lock_made_in_init",)),
    "prompt_process": Case("3.14", "forkserver", ("scripts.interactive",)),
    "queue_feed_lambda": Case("3.12", "spawn", ("queues.unpicklable_put",)),
    "queue_in_pool": Case("3.12", "fork", ("sharing.queue_in_pool_task", "managers.queue_in_pool_task")),
    "redis_subscriber": Case("3.14", "forkserver", ("objects.instance_with_lock", "callables.bound_method_with_lock")),
    "result_not_picklable": Case("3.12", "fork", ("tasks.pool_result",)),
    "second_pool_warning": Case("3.14", "fork", ("threads.second_pool_warning", "threads.warning")),
    "semlock_gone": Case("3.12", "spawn", ("primitives.lock_without_reference", "passing.dropped_value")),
    "set_twice": Case(
        "3.10",
        "spawn",
        ("choice.set_twice", "choice.fixed_by_asking", "choice.fixed_by_get_context", "choice.set_force"),
    ),
    "shadowed_function": Case(
        "3.12", "spawn", ("callables.shadowed_function", "callables.wrapped_function", "callables.decorated_function")
    ),
    "shared_memory_gone": Case(
        "3.12", "spawn", ("tracker.after_other_program", "memory.by_name", "tracker.created_by_child")
    ),
    "sqlite_connection": Case("3.12", "spawn", ("resources.sqlite_connection",)),
    "start_in_imported_module": Case("3.13", "spawn", ("guard.start_at_import", "guard.unguarded_script")),
    "stdin_in_child": Case("3.12", "fork", ("inheritance.stdin",)),
    "timeout_decorator_closure": Case(
        "3.14",
        "forkserver",
        ("callables.decorated_function", "callables.shadowed_function", "callables.nested_function"),
    ),
    "too_many_files": Case("3.12", "fork", ("processes.descriptors", "helpers.many_locks")),
    "task_not_unpickled": Case("3.12", "fork", ("outcomes.argument_in_pool",)),
    "tracker_keyerror": Case(
        "3.10", "fork", ("helpers.same_tracker", "tracker.after_other_program", "blocks.second_unlink")
    ),
    "truncated_windows": Case(
        "3.10",
        "spawn",
        (
            "misuse.after_failed_start",
            "objects.forkserver_like_spawn",
            "objects.instance_with_lock",
            "arguments.threading_lock",
        ),
    ),
    "unguarded_executor": Case("3.14", "forkserver", ("guard.unguarded_executor",)),
    "unguarded_manager": Case("3.10", "spawn", ("guard.unguarded_manager",)),
    "unguarded_process": Case("3.12", "spawn", ("guard.unguarded_script",)),
    "unguarded_windows_pool": Case("3.9", "spawn", ("guard.unguarded_pool",)),
    "windows_config_global": Case("3.11", "spawn", ("semantics.parent_global_seen", "workers.early_global")),
    "windows_no_fork": Case("3.12", "spawn", ("availability.context", "availability.starts")),
    "worker_killed": Case("3.12", "fork", ("failures.executor_worker",)),
    "pipe_closed": Case("3.12", "spawn", ("connections.end_of_file",)),
    "no_running_loop": Case("3.12", "spawn", ("state.event_loop", "signals.own_loop")),
    "coroutine_target": Case("3.12", "spawn", ("classes.async_function",)),
}
