"""Alterations of what the probes of outcomes observe."""

from tests.probes.mutation import child, python

REBUILT = (
    "import multiprocessing.pool as m, concurrent.futures.process as f\n"
    "def rebuild(error, text):\n    error.__cause__ = KeyError('missing')\n    return error\n"
    "m.rebuild_exc = f._rebuild_exc = rebuild"
)

MUTATIONS = (
    python("outcomes.cause_in_pool", "fork", REBUILT, "no > yes"),
    python("outcomes.cause_in_executor", "fork", REBUILT, "no > yes"),
    child("outcomes.attributes_of_exception", "fork", "        failure.status = 503\n", "", "yes > no"),
    child("outcomes.unread_failure", "fork", "    if number == bad:\n", "    if number == -bad:\n", "no > error"),
    python(
        "outcomes.map_after_failure",
        "fork",
        "import concurrent.futures.process as f\n"
        "class Results:\n    def __init__(self, futures):\n        self.futures = iter(futures)\n"
        "    def __next__(self):\n        return next(self.futures).result()\n"
        "f.ProcessPoolExecutor.map = lambda self, function, items: Results([self.submit(function, i) for i in items])",
        "no > yes",
    ),
    python(
        "outcomes.results_before_failure",
        "fork",
        "import multiprocessing.pool as m, concurrent.futures.process as f\n"
        "imap, each = m.Pool.imap, f.ProcessPoolExecutor.map\n"
        "m.Pool.imap = lambda self, function, items, chunksize: imap(self, function, items)\n"
        "f.ProcessPoolExecutor.map = lambda self, function, items, chunksize: each(self, function, items)",
        "no > yes",
    ),
    python(
        "outcomes.items_of_chunk",
        "fork",
        "import multiprocessing.pool as m; each = m.Pool.map\n"
        "m.Pool.map = lambda self, function, items, chunksize: each(self, function, items, 1)",
        "no > yes",
    ),
    child("outcomes.argument_in_pool", "fork", '(int, ("no number",))', '(int, ("7",))', "no > error"),
    child("outcomes.argument_in_executor", "fork", '(int, ("no number",))', '(int, ("7",))', "yes > error"),
    child(
        "outcomes.late_function_in_executor",
        "fork",
        "class Unreadable:",
        'def late():\n    """Defined in time."""\n    return "late"\n\n\nclass Unreadable:',
        "no > yes",
    ),
    child(
        "outcomes.after_wait_for",
        "fork",
        "    note(told, wait_for(path, begun))\n",
        "    wait_for(path, begun)\n",
        "yes > no",
    ),
    python(
        "outcomes.interrupted_waits",
        "fork",
        "import multiprocessing.synchronize as y, time\n"
        "def wait(self, timeout):\n    try:\n        time.sleep(timeout)\n    except KeyboardInterrupt:\n        pass\n"
        "y.Event.wait = wait",
        "yes > no",
    ),
)
