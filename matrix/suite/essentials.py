"""The forty questions that break programs: what a first look asks, and what the first page begins with.

Reviewed by hand; the order follows the number of kinds of public error reports that lead to a question
(matrix/explain/symptoms.toml) and what stopped working when Python 3.14 changed the default. The first two tell
which method is the default and whether there are processes at all, without which no answer can be read.
"""

from __future__ import annotations

ESSENTIALS = (
    "defaults.start_method",
    "availability.starts",
    "guard.unguarded_script",
    "callables.nested_function",
    "objects.instance_with_lock",
    "semantics.parent_global_seen",
    "arguments.threading_lock",
    "callables.lambda_target",
    "workers.early_global",
    "guard.unguarded_pool",
    "callables.bound_method_with_lock",
    "scripts.interactive",
    "guard.unguarded_executor",
    "safety.held_lock",
    "resources.file_descriptor",
    "state.logging_configuration",
    "semantics.monkeypatch_seen",
    "tasks.lambda_in_pool",
    "objects.local_class_instance",
    "callables.decorated_function",
    "subclasses.lock_made_in_init",
    "guard.start_at_import",
    "guard.target_under_guard",
    "sharing.lock_as_global",
    "sharing.queue_in_pool_task",
    "preload.late_environment",
    "primitives.lock_without_reference",
    "resources.socket",
    "resources.tls_connection",
    "threads.warning",
    "rawfork.thread_pool",
    "objects.weak_reference",
    "executables.frozen_supported",
    "scripts.dash_m",
    "queues.join_before_get",
    "queues.unpicklable_put",
    "failures.pool_worker",
    "failures.executor_worker",
    "pools.nested_pool",
    "tracker.after_other_program",
)
