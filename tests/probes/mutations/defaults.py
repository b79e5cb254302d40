"""Alterations of what the probes of defaults observe."""

from tests.probes.mutation import FORK, MP, NEW, child, python

MUTATIONS = (
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
)
