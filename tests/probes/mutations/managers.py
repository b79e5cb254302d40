"""Alterations of what the probes of managers observe."""

from tests.probes.mutation import LOCAL_FUNCTIONS, child, python

MANAGERS = "import multiprocessing.managers as m; "

MUTATIONS = (
    child("managers.namespace", "fork", "    namespace.count += count\n", "    pass\n", "yes > error"),
    child("managers.nested_managed_list", "fork", '    numbers["list"].append(2)\n', "    pass\n", "yes > no"),
    python(
        "managers.wrong_key",
        "fork",
        "import multiprocessing.connection as n; n.deliver_challenge = n.answer_challenge = lambda *some: None",
        "yes > no",
    ),
    python("managers.after_with", "fork spawn", MANAGERS + "m.BaseManager.__exit__ = lambda *some: None", "no > yes"),
    python(
        "managers.loop_over_dict",
        "fork spawn",
        MANAGERS + "m.DictProxy.__iter__ = lambda self: iter(self.keys())",
        "no > yes",
    ),
    child("managers.manager_dict", "fork spawn", '    proxy["key"] =', '    dict(proxy)["key"] =', "yes > error"),
    child(
        "managers.plain_list_inside",
        "fork spawn",
        '    proxy["list"].append(1)',
        '    proxy["list"] += [1]',
        "no > yes",
    ),
    python("managers.pool_of_manager", "fork", MANAGERS + "m.PoolProxy.apply = lambda *some: 4", "yes > error"),
    python(
        "managers.queue_in_pool_task",
        "fork spawn",
        MANAGERS + "m.BaseProxy.__reduce__ = m.pool.Pool.__reduce__",
        "yes > error",
    ),
    child("managers.registered_class", "fork spawn", "return counter.add(2)", "return Counter().add(2)", "yes > error"),
    python("managers.registered_lambda", "spawn forkserver", LOCAL_FUNCTIONS, "no > yes"),
    python(
        "managers.remote_exception",
        "fork spawn",
        MANAGERS + "m.convert_to_error = lambda kind, result: RuntimeError()",
        "yes > error",
    ),
)
