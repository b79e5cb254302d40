"""Alterations of what the probes of preload observe."""

from tests.probes.mutation import MP, child, python

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
)
