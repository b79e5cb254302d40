"""Alterations of what the probes of failures observe."""

from tests.probes.mutation import EXECUTOR, LINUX, PATHS, child, python

MUTATIONS = (
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
    python(
        "failures.exit_code_told",
        "fork",
        EXECUTOR + "t = f._ExecutorManagerThread; old = t.terminate_broken\n"
        "codes = lambda self: ['exit code %r' % worker.exitcode for worker in self.processes.values()]\n"
        "t.terminate_broken = lambda self, cause: old(self, codes(self))",
        "no > yes",
        LINUX + ' and python_version < "3.15"',
    ),
    python(
        "failures.own_exceptions",
        "fork",
        "import concurrent.futures as c; old = c.Future.set_exception\n"
        "c.Future.set_exception = lambda self, error: old(self, type(error)(*error.args))",
        "no > yes",
        PATHS,
    ),
)
