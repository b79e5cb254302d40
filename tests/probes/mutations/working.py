"""Alterations of what the probes of working observe."""

from tests.probes.mutation import CPYTHON, INTERPRETERS, NEW, NOT_DAEMONIC, child, python

KEEP = "    use.kept = thing\n    return thing.sent\n"

MUTATIONS = (
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
        "working.others_in_chunk",
        "fork",
        "import multiprocessing.pool as m\n"
        "m.Pool.starmap = lambda self, function, items: self._map_async(function, items, m.starmapstar, 1).get()",
        "no > yes",
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
)
