"""Alterations of what the probes of payloads observe."""

from tests.probes.mutation import EXECUTOR, child, python

MUTATIONS = (
    child("payloads.method_in_pool", "spawn", "        self.amount += number\n", "        pass\n", "yes > error"),
    child("payloads.method_in_executor", "spawn", "        self.amount += number\n", "        pass\n", "yes > error"),
    python("payloads.method_of_owner", "fork", EXECUTOR + "e.__reduce__ = lambda self: (int, ())", "no > yes"),
    child("payloads.attribute_set_by_task", "fork", "        self.amount += number\n", "        pass\n", "no > error"),
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
)
