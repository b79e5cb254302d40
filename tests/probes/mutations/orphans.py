"""Alterations of what the probes of orphans observe."""

from tests.probes.mutation import child

MUTATIONS = (
    child("orphans.child", "fork", "        if watch:\n", "        os._exit(0)\n        if watch:\n", "yes > no"),
    child("orphans.child", "fork", "        if watch:\n", "        raise OSError\n        if watch:\n", "yes > error"),
    child("orphans.parent_end", "spawn", "str(parent.is_alive())", '"True"', "yes > no"),
    child(
        "orphans.manager",
        "fork",
        '    note(os.path.join(folder, "manager"), "%d\\n%s" % (manager',
        '    manager.shutdown()\n    note(os.path.join(folder, "manager"), "%d\\n%s" % (manager',
        "no > yes",
    ),
)
