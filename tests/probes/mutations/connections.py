"""Alterations of what the probes of connections observe."""

from tests.probes.mutation import CPYTHON, OLD, child, python

MUTATIONS = (
    python(
        "connections.wrong_key",
        "none",
        "import multiprocessing.connection as n; n.deliver_challenge = n.answer_challenge = lambda *some: None",
        "yes > no",
    ),
    child("connections.big_message", "fork spawn", 'send(b"x" * BIG)', 'send(b"x")', "yes > error"),
    python(
        "connections.end_of_file",
        "none",
        "import multiprocessing.connection as n; n.Connection.recv = lambda self: 'last'",
        "yes > no",
    ),
    python(
        "connections.broken_pipe",
        "none",
        "import multiprocessing.connection as n; n.Connection.send = lambda self, item: None",
        "yes > no",
    ),
    python(
        "connections.wait_for_several",
        "none",
        "import multiprocessing.connection as n; n.wait = lambda things, seconds: things[:1]",
        "yes > no",
    ),
    python(
        "connections.wait_for_many",
        "none",
        "import multiprocessing.connection as n\ndef refuse(*some):\n    raise ValueError\nn.wait = refuse",
        "yes > no",
    ),
    python(
        "connections.wait_for_end",
        "fork spawn",
        "import multiprocessing.connection as n; n.wait = lambda things, seconds: []",
        "yes > no",
    ),
    python(
        "connections.iteration",
        "none",
        "import multiprocessing.connection as n; n.Connection.__iter__ = lambda self: iter([])",
        "no > yes",
    ),
    python(
        "connections.closed_by_passing",
        "fork",
        "import multiprocessing.connection as n; n.Connection.closed = True",
        "no > yes",
    ),
    python(
        "connections.two_gibibytes",
        "none",
        "import multiprocessing.connection as n, struct\n"
        "n.Connection._send_bytes = lambda self, some: self._send(struct.pack('!i', len(some)) + some)",
        "yes > no",
        CPYTHON,
    ),
    python(
        "connections.empty_key",
        "none",
        "import multiprocessing.connection as n; accept = n.Listener.accept\n"
        "def accept_asking(self):\n"
        "    came = accept(self)\n"
        "    n.deliver_challenge(came, self._authkey)\n"
        "    return came\n"
        "n.Listener.accept = accept_asking",
        "no > yes",
        OLD,
    ),
)
