"""Alterations of what the probes of choice observe."""

from tests.probes.mutation import EXECUTOR, MP, OLD, python

MUTATIONS = (
    python("choice.set_twice", "spawn", MP + "multiprocessing.set_start_method = lambda name: None", "yes > no"),
    python("choice.fixed_by_lock", "none", MP + "multiprocessing.Lock = lambda: None", "yes > no"),
    python(
        "choice.fixed_by_cpu_count",
        "none",
        MP + "multiprocessing.cpu_count = multiprocessing.get_start_method",
        "no > yes",
    ),
    python("choice.unknown_name", "none", MP + "multiprocessing.get_context = lambda name: None", "yes > no"),
    python("choice.wrong_case", "none", MP + "multiprocessing.get_context = lambda name: None", "yes > no"),
    python(
        "choice.set_force",
        "fork",
        MP + "old = multiprocessing.set_start_method\n"
        "multiprocessing.set_start_method = lambda name, force=False: None if force else old(name)",
        "yes > no",
    ),
    python(
        "choice.set_none",
        "none",
        MP + "old = multiprocessing.set_start_method\n"
        "multiprocessing.set_start_method = lambda name, force=False: None if force else old(name)",
        "yes > no",
    ),
    python("choice.set_on_context", "fork", MP + "c.BaseContext.set_start_method = lambda *some: None", "yes > no"),
    python(
        "choice.fixed_by_asking",
        "none",
        MP + "multiprocessing.get_start_method = lambda allow_none=False: None",
        "yes > no",
    ),
    python("choice.fixed_by_get_context", "none", MP + "multiprocessing.get_context = lambda *some: None", "yes > no"),
    python(
        "choice.fixed_by_named_context",
        "none",
        MP + "multiprocessing.get_context = lambda name: multiprocessing.get_start_method()",
        "no > yes",
    ),
    python("choice.fixed_by_queue", "none", MP + "multiprocessing.Queue = lambda: None", "yes > no"),
    python("choice.fixed_by_value", "none", MP + "multiprocessing.Value = lambda *some: None", "yes > no"),
    python(
        "choice.fixed_by_pipe",
        "none",
        MP + "multiprocessing.Pipe = lambda: [multiprocessing.get_start_method(), []][1]",
        "no > yes",
    ),
    python("choice.fixed_by_executor", "none", EXECUTOR + "e.__init__ = e.shutdown = lambda *some: None", "yes > no"),
    python(
        "choice.fixed_by_process",
        "none",
        MP + "multiprocessing.Process = lambda target: multiprocessing.get_start_method()",
        "no > yes",
    ),
    python(
        "choice.fixed_by_listing",
        "none",
        MP + "multiprocessing.get_all_start_methods = multiprocessing.get_start_method",
        "no > yes",
    ),
    python(
        "choice.fixed_by_freeze_support",
        "none",
        MP + "multiprocessing.freeze_support = multiprocessing.get_start_method",
        "no > yes",
        OLD,
    ),
    python(
        "choice.fixed_by_start",
        "fork",
        MP + "start = p.BaseProcess.start\ndef fix(self):\n    start(self)\n    multiprocessing.get_start_method()\n"
        "p.BaseProcess.start = fix",
        "no > yes",
    ),
    python(
        "choice.fixed_by_start",
        "spawn",
        "import multiprocessing.spawn as s; s.get_start_method = lambda: 'spawn'",
        "yes > no",
        OLD,
    ),
)
