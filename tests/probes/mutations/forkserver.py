"""Alterations of what the probes of forkserver observe."""

from tests.probes.mutation import BRIEF, LINUX, POSIX, child, python


def server(code: str) -> str:
    """A Python whose fork server runs this code first."""
    return (
        "import multiprocessing.util as u\nspawn = u.spawnv_passfds\n"
        f"def start_server(path, args, descriptors):\n    first = {code!r} + '\\n'\n"
        "    args = [first + arg if 'multiprocessing.forkserver import' in str(arg) else arg for arg in args]\n"
        "    return spawn(path, args, descriptors)\n"
        "u.spawnv_passfds = start_server"
    )


UNPROVED = (
    "import multiprocessing.connection as n\nn.deliver_challenge = lambda end, key: end.send_bytes(b'hello')\n"
    "n.answer_challenge = lambda end, key: end.recv_bytes()\n"
)
"""Both sides greet instead of proving that they have the key."""

MUTATIONS = (
    child(
        "forkserver.one_server",
        "forkserver",
        "    return os.getppid()\n",
        "    return -os.getpid()\n",
        "yes > no",
        file="_tasks.py",
    ),
    python(
        "forkserver.left_over",
        "fork",
        "import multiprocessing.resource_tracker as r; r.ensure_running()",
        "'none' > 'tracker'",
    ),
    child(
        "forkserver.nested_server",
        "forkserver",
        "    return [os.getppid(), inner",
        "    return [inner, inner",
        "no > yes",
    ),
    python(
        "forkserver.authentication",
        "forkserver",
        server(
            "import contextlib, multiprocessing.reduction as r\nreceive = r.recvfds\ndef challenge(sock, size):\n"
            "    with contextlib.suppress(OSError):\n        sock.send(b'#CHALLENGE#')\n"
            "    return receive(sock, size)\nr.recvfds = challenge"
        ),
        "no > yes",
        LINUX + ' and python_version < "3.14"',
    ),
    python(
        "forkserver.authentication",
        "forkserver",
        UNPROVED + server(UNPROVED),
        "yes > no",
        POSIX + ' and python_version >= "3.14"',
    ),
    python(
        "forkserver.ends_with_program",
        "forkserver",
        BRIEF + server("import atexit, time; atexit.register(time.sleep, 60)"),
        "yes > no",
    ),
    python(
        "forkserver.interrupt",
        "forkserver",
        server(
            "import signal; real = signal.signal; signal.signal = lambda number, do: "
            "real(number, signal.default_int_handler if number == signal.SIGINT else do)"
        ),
        "yes > no",
        LINUX,
    ),
    python(
        "forkserver.interrupt",
        "forkserver",
        "import os, signal\nkill = os.kill\ndef end(pid, number):\n    kill(pid, signal.SIGKILL)\n"
        "    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)\nos.kill = end",
        "yes > no",
        LINUX,
    ),
    python(
        "forkserver.replaced",
        "forkserver",
        "import multiprocessing.forkserver as f\nrun = f.ForkServer.ensure_running\n"
        "f.ForkServer.ensure_running = lambda self: self._forkserver_pid or run(self)",
        "yes > no",
    ),
    python(
        "forkserver.single_thread",
        "forkserver",
        server("import threading, time; threading.Thread(target=time.sleep, args=(60,), daemon=True).start()"),
        "yes > no",
        LINUX,
    ),
)
