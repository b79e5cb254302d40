"""Alterations of what the probes of orphans observe."""

from tests.probes.mutation import LINUX, MP, child, python

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
    python(
        "orphans.daemonic_child",
        "fork spawn",
        MP + "import ctypes\nbootstrap = p.BaseProcess._bootstrap\ndef with_parent(self, *sentinel, **more):\n"
        "    if self.daemon:\n        ctypes.CDLL(None).prctl(1, 9)\n    return bootstrap(self, *sentinel, **more)\n"
        "p.BaseProcess._bootstrap = with_parent",
        "yes > no",
        LINUX,
    ),
    child(
        "orphans.parent_end_with_sibling",
        "fork",
        "    wait_until(lambda: not os.path.exists(folder)",
        "    os.closerange(3, 256)\n    wait_until(lambda: not os.path.exists(folder)",
        "no > yes",
    ),
)
