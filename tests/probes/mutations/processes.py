"""Alterations of what the probes of processes observe."""

from tests.probes.mutation import BRIEF, MP, POSIX, child, python

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
    python("processes.cleared_at_next_start", "fork spawn", MP + "p._cleanup = lambda: None", "yes > no"),
    python(
        "processes.dropped",
        "fork spawn",
        BRIEF + MP + "import weakref; p._children = weakref.WeakSet(); p.BaseProcess.__del__ = p.BaseProcess.kill",
        "yes > no",
    ),
    python(
        "processes.sibling_listed",
        "fork",
        MP + "start = p.BaseProcess.start\nstarted = []\ndef note_start(self):\n    start(self)\n"
        "    started.append(self)\np.BaseProcess.start = note_start\nmultiprocessing.active_children = lambda: started",
        "no > yes",
    ),
    python(
        "processes.temporary_directory",
        "fork",
        MP + "import weakref\nbootstrap = p.BaseProcess._bootstrap\ndef clean(self, *sentinel, **more):\n"
        "    code = bootstrap(self, *sentinel, **more)\n    weakref.finalize._exitfunc()\n    return code\n"
        "p.BaseProcess._bootstrap = clean",
        "no > yes",
    ),
    python(
        "processes.zombie", "fork spawn", "import signal; signal.signal(signal.SIGCHLD, signal.SIG_IGN)", "yes > no"
    ),
)
