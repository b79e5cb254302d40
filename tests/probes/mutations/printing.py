"""Alterations of what the probes of printing observe."""

from tests.probes.mutation import child, python

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
    child(
        "printing.at_the_end",
        "fork",
        "import multiprocessing\n",
        "import multiprocessing.util\n\nmultiprocessing.util._flush_std_streams = int\n",
        "yes > no",
        file="assets/printing_child.py",
    ),
    child(
        "printing.before_terminate",
        "fork",
        '        connection.send("printed")\n',
        '        sys.stdout.flush()\n        connection.send("printed")\n',
        "no > yes",
        file="assets/printing_child.py",
    ),
    child(
        "printing.traceback",
        "spawn",
        '        raise ValueError("child")\n',
        '        sys.stderr = open(os.devnull, "w")\n        raise ValueError("child")\n',
        "yes > no",
        file="assets/printing_child.py",
    ),
    child(
        "printing.redirected",
        "forkserver",
        'case == "redirected_late"',
        'case == "redirected"',
        "yes > no",
        file="assets/printing_child.py",
    ),
    python(
        "printing.encoding_kept",
        "spawn",
        "import os; os.environ['PYTHONIOENCODING'] = 'koi8-r'",
        "no > yes",
    ),
)
