"""Alterations of what the probes of preload observe."""

from tests.probes.mutation import LINUX, MP, POSIX, child, python

STRICT_SERVER = """
import multiprocessing.util as u; spawned = u.spawnv_passfds
SERVES = 'from multiprocessing.forkserver import main; '
STRICTLY = 'import no_module_of_this_name; '
u.spawnv_passfds = lambda path, args, fds: spawned(
    path,
    [one if isinstance(one, bytes) else one.replace(SERVES, SERVES + STRICTLY) for one in args],
    fds)
"""
"""A fork server that ends where a module is missing."""

MUTATIONS = (
    python(
        "preload.module",
        "forkserver",
        MP + "c.BaseContext.set_forkserver_preload = lambda self, names: None",
        "yes > no",
    ),
    child("preload.late_environment", "spawn", 'os.environ.get("CANIFORK_LATE", "")', '""', "yes > no"),
    child(
        "preload.late_module",
        "forkserver",
        "def use():\n",
        "import colorsys\n\n\ndef use():\n",
        "no > yes",
        file="assets/preload_lazy.py",
    ),
    python("preload.missing_module", "forkserver", STRICT_SERVER, "yes > no", LINUX),
    python(
        "preload.on_error",
        "forkserver",
        STRICT_SERVER + MP + "c.BaseContext.set_forkserver_preload = lambda self, names, on_error: None",
        "no > yes",
        LINUX + ' and python_version < "3.15"',
    ),
    child(
        "preload.output",
        "forkserver",
        'module")',
        'module", flush=True)',
        "no > yes",
        POSIX + ' and python_version < "3.13"',
        file="assets/preload_prints.py",
    ),
    python(
        "preload.own_module",
        "forkserver",
        "import os; os.environ['PYTHONPATH'] = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'assets')",
        "no > yes",
        POSIX + ' and python_version < "3.12"',
    ),
    python(
        "preload.late_umask",
        "forkserver",
        MP + "start, run = p.BaseProcess.start, p.BaseProcess.run\n"
        "def start_with_mask(self):\n"
        "    self.mask = os.umask(0)\n"
        "    os.umask(self.mask)\n"
        "    start(self)\n"
        "p.BaseProcess.start = start_with_mask\n"
        "p.BaseProcess.run = lambda self: (os.umask(self.mask), run(self))",
        "no > yes",
    ),
    python(
        "preload.late_folder",
        "forkserver",
        "import multiprocessing.spawn as s; prepared = s.get_preparation_data\n"
        "s.get_preparation_data = lambda name: {k: v for k, v in prepared(name).items() if k != 'dir'}",
        "yes > no",
    ),
    python(
        "preload.late_path",
        "forkserver",
        "import sys, multiprocessing.spawn as s; prepared, first_path = s.get_preparation_data, list(sys.path)\n"
        "s.get_preparation_data = lambda name: dict(prepared(name), sys_path=first_path)",
        "yes > no",
    ),
)
