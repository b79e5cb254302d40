"""Alterations of what the probes of misuse observe."""

from tests.probes.mutation import FORK, MP, child, python

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
    python("misuse.join_before_start", "none", MP + "p.BaseProcess.join = lambda self: None", "yes > no"),
    python(
        "misuse.terminate_before_start",
        "none",
        MP + "p.BaseProcess.terminate = lambda self: self._popen and self._popen.terminate()",
        "yes > no",
    ),
    python(
        "misuse.run_for_start",
        "none",
        MP + "run = p.BaseProcess.run\n"
        "p.BaseProcess.run = lambda self: run(self) if p.parent_process() else self.start()",
        "no > yes",
        FORK,
    ),
    python(
        "misuse.number_for_tuple",
        "none",
        MP + "init = p.BaseProcess.__init__\n"
        "p.BaseProcess.__init__ = lambda self, target, args: init(self, target=target)",
        "yes > no",
    ),
    python(
        "misuse.daemon_after_start",
        "fork",
        MP + "p.BaseProcess.daemon = property(lambda self: self._config['daemon'],\n"
        "    lambda self, is_daemon: self._config.update(daemon=is_daemon))",
        "no > yes",
    ),
    python("misuse.exit_code_after_close", "fork", MP + "p.BaseProcess.close = lambda self: None", "no > yes"),
    python(
        "misuse.run_for_start", "none", MP + "p.BaseProcess.run = lambda self: open(self._args[0], 'w')", "no > error"
    ),
    python(
        "misuse.join_result",
        "fork",
        MP + "join = p.BaseProcess.join\n"
        "p.BaseProcess.join = lambda self, timeout=None: join(self, timeout) or not self.is_alive()",
        "no > yes",
    ),
    python(
        "misuse.join_sibling",
        "fork",
        MP + "join, is_alive = p.BaseProcess.join, p.BaseProcess.is_alive\n"
        "p.BaseProcess.join = lambda self, timeout=None: join(self) if self._parent_pid == os.getpid() else None\n"
        "p.BaseProcess.is_alive = lambda self: True",
        "no > yes",
    ),
    python(
        "misuse.start_after_failure",
        "spawn",
        MP + "start = p.BaseProcess.start\n"
        "def start_once(self):\n"
        "    assert not hasattr(self, 'begun'), 'cannot start a process twice'\n"
        "    self.begun = True\n"
        "    start(self)\n"
        "p.BaseProcess.start = start_once",
        "yes > no",
    ),
)
