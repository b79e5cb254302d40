"""Alterations of what the probes of system observe."""

from tests.probes.mutation import LINUX, MP, after_fork, python

MUTATIONS = (
    python("system.umask", "fork", after_fork("os.umask(0o22)"), "yes > no"),
    python("system.nice", "fork", after_fork("os.nice(1)"), "yes > no", refusable=True),
    python(
        "system.resource_limit",
        "fork",
        "import resource as r\n" + after_fork("r.setrlimit(r.RLIMIT_CORE, (1, r.getrlimit(r.RLIMIT_CORE)[1]))"),
        "yes > no",
        refusable=True,
    ),
    python(
        "system.affinity",
        "fork",
        "import os; every = os.sched_getaffinity(0)\n" + after_fork("os.sched_setaffinity(0, every)"),
        "yes > no",
        LINUX,
        refusable=True,
    ),
    python("system.process_group", "fork", after_fork("os.setpgrp()"), "yes > no"),
    python("system.signal_handler", "fork", after_fork("signal.signal(signal.SIGTERM, signal.SIG_DFL)"), "yes > no"),
    python("system.ignored_signal", "fork", after_fork("signal.signal(signal.SIGUSR1, signal.SIG_DFL)"), "yes > no"),
    python(
        "system.signal_mask",
        "fork",
        after_fork("signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGUSR1])"),
        "yes > no",
    ),
    python(
        "system.parent_signal_mask",
        "fork",
        MP + "import signal; start = p.BaseProcess.start\n"
        "p.BaseProcess.start = lambda self: (start(self), signal.pthread_sigmask(signal.SIG_UNBLOCK, [2, 15]))",
        "yes > no",
    ),
)
