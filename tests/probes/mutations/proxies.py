"""Alterations of what the probes of proxies observe."""

from tests.probes.mutation import LINUX, PICKLE_LOCK, POSIX, child, python

MUTATIONS = (
    python(
        "proxies.made_in_arguments",
        "spawn",
        "import multiprocessing.process as p; s = p.BaseProcess.start; kept = []\ndef start(self):\n"
        "    kept.append(self._args)\n    s(self)\np.BaseProcess.start = start",
        "no > yes",
    ),
    python(
        "proxies.dropped_by_parent",
        "forkserver",
        "import multiprocessing.context as c\nc.ForkServerProcess._after_fork = staticmethod(lambda: None)",
        "yes > no",
    ),
    python(
        "proxies.dropped_by_parent",
        "spawn",
        "import multiprocessing.context as c, multiprocessing.process as p\n"
        "c.SpawnProcess._after_fork = staticmethod(p.BaseProcess._after_fork)",
        "no > yes",
        only=POSIX + ' and python_version >= "3.10"',
    ),
    child(
        "proxies.after_os_fork",
        "none",
        "        its = forked(lambda: socket_of(shared))\n",
        "        its = forked(lambda: (delattr(shared._tls, 'connection'), socket_of(shared))[1])\n",
        "no > yes",
        only=LINUX,
    ),
    child(
        "proxies.sent_on",
        "fork",
        '    connection.recv()["child"] = 2\n',
        '    connection.recv()["child"] = 3\n',
        "yes > error",
    ),
    python(
        "proxies.own_authkey",
        "spawn",
        "import multiprocessing.managers as m; r = m.BaseProxy.__reduce__\ndef reduce(self):\n"
        "    rebuild, args = r(self)\n    args[3].pop('authkey')\n    return rebuild, args\n"
        "m.BaseProxy.__reduce__ = reduce",
        "yes > no",
    ),
    python(
        "proxies.own_authkey_sent",
        "fork",
        "import multiprocessing.managers as m; r = m.BaseProxy.__reduce__\ndef reduce(self):\n"
        "    rebuild, args = r(self)\n    args[3]['authkey'] = b'a key of its own'\n"
        "    return rebuild, args\nm.BaseProxy.__reduce__ = reduce",
        "no > yes",
    ),
    child(
        "proxies.attribute_of_object",
        "fork",
        'Manager.register("Counter", Counter)\n',
        "from multiprocessing.managers import NamespaceProxy\n\n\nclass Proxy(NamespaceProxy):\n"
        '    _exposed_ = ("__getattribute__", "get")\n\n    def get(self):\n'
        '        return self._callmethod("get")\n\n\nManager.register("Counter", Counter, Proxy)\n',
        "no > yes",
        file="assets/proxies_own.py",
    ),
    child(
        "proxies.remote_traceback",
        "fork",
        '        return {}["missing"]\n',
        '        raise KeyError("in get_missing")\n',
        "no > yes",
        file="assets/proxies_own.py",
    ),
    child(
        "proxies.calls_at_once",
        "fork",
        "        return GO.wait(LIMIT)\n",
        "        return GO.wait(0)\n",
        "yes > no",
        file="assets/proxies_own.py",
    ),
    child("proxies.lock_of_killed", "fork", "    lock.acquire()\n", "", "no > yes"),
    child(
        "proxies.unread_queue", "fork", "        queue = manager.Queue()\n", "        queue = ctx.Queue()\n", "yes > no"
    ),
    python(
        "proxies.manager_attribute",
        "spawn",
        "import multiprocessing.managers as m; m.BaseManager.__reduce__ = lambda self: (int, ())",
        "no > yes",
    ),
    child(
        "proxies.manager_in_pool_task",
        "fork",
        '    """A daemonic process makes a manager; how it was refused, or what is in its dictionary."""\n'
        "    import multiprocessing\n",
        '    """A daemonic process makes a manager; how it was refused, or what is in its dictionary."""\n'
        "    import multiprocessing\n\n"
        "    multiprocessing.current_process()._config['daemon'] = False\n",
        "no > yes",
    ),
    python(
        "proxies.equality",
        "fork",
        "import multiprocessing.managers as m; m.BaseProxy.__eq__ = lambda self, other: list(self) "
        "== other\nm.BaseProxy.__hash__ = object.__hash__",
        "no > yes",
    ),
    python(
        "proxies.as_json", "fork", "import json; d = json.dumps; json.dumps = lambda thing: d(thing.copy())", "no > yes"
    ),
    python("proxies.unpicklable_value", "fork", PICKLE_LOCK, "yes > no"),
    child(
        "proxies.instance_of_main",
        "spawn",
        "        self.number = number\n",
        "        self.number = 0\n",
        "yes > error",
    ),
    child("proxies.over_tcp", "fork", '["number"] == 3', '["number"] == 4', "yes > error"),
)
