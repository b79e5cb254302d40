"""Alterations of what the probes of tracker observe."""

from tests.probes.mutation import child

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
)
