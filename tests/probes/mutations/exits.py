"""Alterations of what the probes of exits observe."""

from tests.probes.mutation import FORK, MP, POSIX, child, python

MUTATIONS = (
    child("exits.number", "spawn forkserver", "    action(*args)\n", "    pass\n", "7 > 0"),
    child("exits.number", "fork", 'file.write("running")', "os.remove(path)", "7 > error"),
    child("exits.text", "fork", "    action(*args)\n", "    os._exit(1)\n", "1 > error"),
    python(
        "exits.join_raises",
        "fork spawn",
        MP + "j = p.BaseProcess.join\ndef join(self):\n    j(self)\n    raise ValueError\np.BaseProcess.join = join",
        "no > yes",
    ),
    child("exits.exception_hook", "fork", "    sys.excepthook = hook\n", "    hook()\n", "no > yes"),
    python(
        "exits.finally_at_terminate",
        "fork",
        "import multiprocessing.process as p, os, signal as s\ns.signal(s.SIGINT, s.default_int_handler)\n"
        "p.BaseProcess.terminate = lambda self: os.kill(self.pid, s.SIGINT)",
        "no > yes",
    ),
    python("exits.terminate", "fork forkserver", MP + "p.BaseProcess.terminate = p.BaseProcess.kill", "-15 > -9"),
    python("exits.child_threads", "fork", "import threading; threading._shutdown = lambda: None", "yes > no"),
    child(
        "exits.unflushed_file",
        "fork forkserver",
        'kept[0].write("last words")',
        'kept[0].write("last words"); kept[0].flush()',
        "no > yes",
    ),
    child("exits.without_number", "fork spawn", "exit_code(ctx, sys.exit)\n", "exit_code(ctx, sys.exit, 3)\n", "0 > 3"),
    child("exits.number_256", "fork spawn", "sys.exit, 256)", "sys.exit, 257)", "0 > 1"),
    child(
        "exits.exception", "fork spawn", 'raise ValueError("raised in the child")', "raise SystemExit(1)", "1 > error"
    ),
    python("exits.kill", "fork spawn", MP + "p.BaseProcess.kill = p.BaseProcess.terminate", "-9 > -15"),
    child("exits.ignored_sigchld", "fork", "signal.SIG_IGN)", "signal.SIG_DFL)", "'None' > '7'"),
    child(
        "exits.thread_pool",
        "fork",
        'pool.submit(exit_code, ctx, note, path, "done").result()',
        'exit_code(ctx, note, path, "done")',
        "no > yes",
        FORK,
    ),
    python(
        "exits.finally_at_interrupt",
        "fork spawn",
        MP + "import os; p.BaseProcess.interrupt = lambda self: os.kill(self.pid, 2)",
        "unavailable > yes",
        POSIX + ' and python_version < "3.14"',
    ),
    python(
        "exits.finally_at_interrupt",
        "fork",
        MP + "p.BaseProcess.interrupt = p.BaseProcess.terminate",
        "yes > error",
        POSIX + ' and python_version >= "3.14"',
    ),
)
