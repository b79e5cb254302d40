"""Alterations of what the probes of processes observe."""

from tests.probes.mutation import POSIX, child

MUTATIONS = (
    child(
        "processes.debugger",
        "spawn",
        "    try:\n        breakpoint()",
        "    read, write = os.pipe()\n    os.write(write, b'c\\n')\n    sys.stdin = open(read)\n"
        "    try:\n        breakpoint()",
        "no > yes",
    ),
    child(
        "processes.default_name",
        "spawn",
        "multiprocessing.current_process().name",
        '"other"',
        "'SpawnProcess-1' > 'other'",
    ),
    child(
        "processes.deleted_at_end",
        "fork",
        "def own_name():",
        "def pid():\n    import gc\n\n    [each.__del__() for each in gc.get_objects() if type(each) is Noisy]\n"
        "    return os.getpid()\n\n\ndef own_name():",
        "no > yes",
        POSIX + " and platform_python_implementation == 'CPython'",
    ),
    child(
        "processes.site_again",
        "fork",
        '    with open(path, "a") as file:\n',
        '    import sys\n\n    del sys.modules["sitecustomize"]\n    import sitecustomize\n\n'
        '    with open(path, "a") as file:\n',
        "no > yes",
        file="assets/processes_site.py",
    ),
    child(
        "processes.terminated_parent",
        "spawn",
        "daemon=True)\n    process.start()\n",
        "daemon=True)\n    process.start()\n"
        "    import signal\n\n"
        "    signal.signal(signal.SIGTERM, lambda *_: (process.terminate(), process.join(), os._exit(0)))\n",
        "no > yes",
    ),
)
