"""Alterations of what the probes of printing observe."""

from tests.probes.mutation import child

MUTATIONS = (
    child(
        "printing.before_os_exit",
        "fork",
        "        os._exit(0)\n",
        "        sys.stdout.flush()\n        os._exit(0)\n",
        "no > yes",
        file="assets/printing_child.py",
    ),
    child(
        "printing.errors_before_terminate",
        "spawn",
        'write("child\\n")\n',
        'write("chi\\n")\n',
        "yes > error",
        'sys_platform != "win32" and python_version >= "3.9"',
        file="assets/printing_child.py",
    ),
    child(
        "printing.redirected_late",
        "forkserver",
        "        first.start()\n        first.join()\n",
        "",
        "no > yes",
        file="assets/printing_child.py",
    ),
)
