"""Alterations of what the probes of misuse observe."""

from tests.probes.mutation import MP, child, python

MUTATIONS = (
    python("misuse.close_while_running", "fork", MP + "p.BaseProcess.close = lambda self: None", "yes > no"),
    child(
        "misuse.call_for_target",
        "fork spawn",
        "target=note_process(path)",
        "target=note_process, args=(path,)",
        "no > yes",
    ),
    python(
        "misuse.group_argument",
        "none",
        MP + "init = p.BaseProcess.__init__\np.BaseProcess.__init__ = lambda self, group: init(self)",
        "yes > no",
    ),
    python(
        "misuse.after_failed_start",
        "spawn forkserver",
        MP + "p.BaseProcess.start = lambda self: __import__('missing')",
        "'pid None, exitcode None, alive False' > unavailable",
    ),
)
