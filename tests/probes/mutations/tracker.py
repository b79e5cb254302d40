"""Alterations of what the probes of tracker observe."""

from tests.probes.mutation import PATHS, POSIX, child, python

MUTATIONS = (
    child(
        "tracker.after_other_program",
        "none",
        "    SharedMemory(name).close()\n",
        "    block = SharedMemory(name)\n    block.close()\n    from multiprocessing import resource_tracker as r\n"
        "    r.unregister(block._name, 'shared_memory')\n",
        "no > yes",
        file="assets/tracker_script.py",
    ),
    child(
        "tracker.removed_at_end",
        "none",
        "    create(name).close()\n",
        "    block = create(name)\n    block.close()\n    from multiprocessing import resource_tracker as r\n"
        "    r.unregister(block._name, 'shared_memory')\n",
        "yes > no",
        file="assets/tracker_script.py",
    ),
    child(
        "tracker.colon_in_name",
        "none",
        "    return SharedMemory(name, create=True, size=16)\n",
        "    from multiprocessing import resource_tracker as r\n    r.register = r.unregister = lambda *what: None\n"
        "    return SharedMemory(name, create=True, size=16)\n",
        "no > yes",
        PATHS,
        file="assets/tracker_script.py",
    ),
    python(
        "tracker.created_by_child",
        "fork",
        "import multiprocessing.resource_tracker as r; r.ensure_running()",
        "no > yes",
    ),
    child(
        "tracker.leak_warning",
        "none",
        "    create(name).close()\n",
        "    block = create(name)\n    block.close()\n    from multiprocessing import resource_tracker as r\n"
        "    r.unregister(block._name, 'shared_memory')\n",
        "yes > no",
        file="assets/tracker_script.py",
    ),
    child(
        "tracker.removed_after_kill",
        "none",
        '    block = create(name)\n    print("created")\n',
        "    block = create(name)\n    from multiprocessing import resource_tracker as r\n"
        "    r.unregister(block._name, 'shared_memory')\n    print('created')\n",
        "yes > no",
        file="assets/tracker_script.py",
    ),
    child(
        "tracker.semaphore_warning",
        "spawn",
        "multiprocessing.get_context(method)",
        'multiprocessing.get_context("fork")',
        "yes > no",
        file="assets/tracker_script.py",
    ),
    child(
        "tracker.untracked",
        "none",
        "track=False",
        "track=True",
        "yes > no",
        POSIX + ' and python_version >= "3.13"',
        file="assets/tracker_script.py",
    ),
)
