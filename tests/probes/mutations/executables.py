"""Alterations of what the probes of executables observe."""

from tests.probes.mutation import NEW, child, python

MUTATIONS = (
    python("executables.same_pid", "fork", "import os; os.getpid = os.getppid", "yes > no"),
    child(
        "executables.grandchild_interpreter",
        "fork spawn",
        "    return [sys.executable, sys.prefix",
        "    return [sys.executable, sys.modules['multiprocessing'].current_process().name",
        "yes > no",
    ),
    child("executables.other_venv", "fork spawn", "        found = False\n", "        found = True\n", "no > yes"),
    child(
        "executables.frozen_supported",
        "fork",
        'with open(path, "w") as file:\n        file.write("worked")',
        "pass",
        "yes > error",
    ),
    child(
        "executables.frozen_unsupported",
        "fork",
        'with open(path, "w") as file:\n        file.write("worked")',
        "pass",
        "yes > error",
    ),
    python(
        "executables.command_line",
        "none",
        "import multiprocessing.spawn as s; get = s.get_command_line\n"
        "def line(**some):\n"
        "    *first, code, last = get(**some)\n"
        "    return [*first, code.replace('spawn_main; spawn_main', 'spawn_main as other; other'), last]\n"
        "s.get_command_line = line",
        "'-c from multiprocessing.spawn import spawn_main; spawn_main(…) --multiprocessing-fork' > "
        "'-c from multiprocessing.spawn import spawn_main as other; other(…) --multiprocessing-fork'",
    ),
    child(
        "executables.without_streams",
        "fork spawn",
        '    """The child notes whether it has streams."""\n',
        "    raise OSError\n",
        "yes > error",
    ),
    python(
        "executables.path_executable",
        "spawn",
        "import multiprocessing.spawn as s; s.set_executable = lambda path: setattr(s, '_python_exe', path)",
        "yes > no",
        NEW,
    ),
)
