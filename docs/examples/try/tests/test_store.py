"""A test that passes under fork, and fails under spawn and forkserver: a child does not see what the parent changed."""

import multiprocessing

SETTINGS = {}


def seen(queue):
    queue.put(dict(SETTINGS))


def test_a_child_sees_the_settings():
    SETTINGS["colour"] = "blue"
    queue = multiprocessing.Queue()
    process = multiprocessing.Process(target=seen, args=(queue,))
    process.start()
    assert queue.get(timeout=60) == {"colour": "blue"}
    process.join()
