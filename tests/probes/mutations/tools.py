"""Alterations of what the probes of tools observe."""

from tests.probes.mutation import CPYTHON, child, python

REFUSING = (
    "import logging.config as c\ndef refuse(self, *args):\n    raise ValueError('Invalid queue specifier')\n"
    "c.DictConfigurator.configure_handler = refuse"
)
ACCEPTED = CPYTHON + ' and python_version != "3.12"'

MUTATIONS = (
    python(
        "tools.mock_object",
        "spawn",
        "import unittest.mock as u\n"
        "def seven():\n    return u.Mock(return_value=7)\n"
        "u.NonCallableMock.__reduce_ex__ = lambda self, protocol: (seven, ())",
        "no > yes",
    ),
    child(
        "tools.new_type",
        "fork",
        'UserId = typing.NewType("UserId", int)',
        'UserId = typing.NewType("UserId", str)',
        "yes > error",
    ),
    child(
        "tools.decorated_class",
        "spawn",
        "    return Extended\n",
        "    Extended.__qualname__ = cls.__qualname__\n    return Extended\n",
        "no > yes",
    ),
    python("tools.queue_in_configuration", "fork", REFUSING, "yes > no", only=ACCEPTED),
    python("tools.manager_queue_in_configuration", "fork", REFUSING, "yes > no", only=ACCEPTED),
    child("tools.log_opened_again", "spawn", '"w")', '"a")', "yes > no", file="assets/tools_log.py"),
    child(
        "tools.loop_policy",
        "fork",
        "    return type(asyncio",
        "    asyncio.set_event_loop_policy(None)\n    return type(asyncio",
        "yes > no",
    ),
    child("tools.finally_of_parent", "none", "            sys.exit(0)\n", "            os._exit(0)\n", "yes > no"),
    python(
        "tools.finally_around_start",
        "fork",
        "import multiprocessing.popen_fork as m, os\n"
        "def launch(self, process):\n    self.pid = os.fork()\n    if self.pid == 0:\n        raise SystemExit(0)\n"
        "    self.sentinel, end = os.pipe()\n    self.finalizer = None\n"
        "m.Popen._launch = launch",
        "no > yes",
    ),
)
