"""Alterations of what the probes of beginnings observe."""

from tests.probes.mutation import CPYTHON, child, python

MUTATIONS = (
    child("beginnings.pool_of_parent", "fork", "pool.apply_async(double, (2,)).get(SHORT)", "double(2)", "no > yes"),
    child("beginnings.executor_of_parent", "fork", "pool.submit(double, 2).result(SHORT)", "double(2)", "no > yes"),
    child(
        "beginnings.queue_of_parent",
        "fork",
        "        put_item(queue)\n",
        "        queue._reset(after_fork=True), put_item(queue)\n",
        "no > yes",
        only=CPYTHON,
    ),
    child(
        "beginnings.as_daemon",
        "fork",
        'args=(report, "child")',
        'args=(report, "other")',
        "yes > error",
        file="assets/beginnings_daemon.py",
    ),
    child(
        "beginnings.as_daemon",
        "forkserver",
        "        second = ctx.Process",
        "        import multiprocessing.forkserver as f\n\n        f._forkserver.__init__()\n"
        "        second = ctx.Process",
        "no > yes",
        only=CPYTHON,
        file="assets/beginnings_daemon.py",
    ),
    child(
        "beginnings.as_closed_daemon",
        "fork",
        'args=(report, "child")',
        'args=(report, "other")',
        "yes > error",
        file="assets/beginnings_daemon.py",
    ),
    python(
        "beginnings.after_fork_callback",
        "fork",
        "import multiprocessing.util as u; u._run_after_forkers = lambda: None",
        "yes > no",
    ),
    child(
        "beginnings.no_executable",
        "fork",
        "Process(target=os.mkdir, args=(%r",
        "Process(target=len, args=(%r",
        "yes > error",
    ),
    child("beginnings.notebook_as_main", "spawn", '[{"execution_count": null}]', "[]", "no > yes"),
    child(
        "beginnings.parent_gone",
        "fork",
        "Process(target=os.mkdir, args=(folder,)).start()",
        "Process(target=os.rmdir, args=(folder,)).start()",
        "yes > no",
    ),
    python(
        "beginnings.child_of_failed_start",
        "spawn",
        "import multiprocessing.popen_spawn_posix as m; old = m.Popen._launch\ndef launch(self, one):\n"
        "    sys.stderr.write('EOFError: Ran out of input\\n')\n    return old(self, one)\nm.Popen._launch = launch",
        "no > yes",
    ),
    python(
        "beginnings.tracker_replaced",
        "none",
        "import multiprocessing.resource_tracker as r; run = r.ensure_running\n"
        "r.ensure_running = lambda: r._resource_tracker._pid or run()",
        "yes > no",
    ),
    child("beginnings.edited_module", "spawn", 'TELL % "the new text")', 'TELL % "old")', "yes > no"),
    child("beginnings.removed_path", "spawn", "    sys.path.remove(folder)\n", "", "no > yes"),
    child(
        "beginnings.enum_of_helper",
        "spawn",
        "def make(name):\\n    return enum.Enum(name, 'RED GREEN')",
        "Color = enum.Enum('Color', 'RED GREEN')\\n\\ndef make(name):\\n    return Color",
        "no > yes",
    ),
    child(
        "beginnings.global_nested",
        "spawn",
        "def outer():\n",
        'def made_late(path):\n    note(path, "told")\n\n\ndef outer():\n',
        "no > yes",
    ),
    child(
        "beginnings.structure",
        "fork",
        "    points[1].y += 1\n    return points[1].y == 5\n",
        "    return True\n",
        "yes > no",
    ),
    child("beginnings.return_value", "fork", "    return 7\n", "    raise SystemExit(7)\n", "no > yes"),
)
