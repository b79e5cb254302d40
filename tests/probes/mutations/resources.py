"""Alterations of what the probes of resources observe."""

from tests.probes.mutation import child, python

MUTATIONS = (
    child(
        "resources.tls_connection",
        "fork",
        "can_use(ctx, sends, client)",
        "yes() if sends(client) else None",
        "no > yes",
    ),
    child(
        "resources.file_descriptor",
        "fork",
        "        return os.read(number, 5)",
        "        os.close(number)\n        return os.read(number, 5)",
        "yes > no",
    ),
    python(
        "resources.anonymous_map",
        "fork",
        "import mmap as m\nshared = m.mmap\n"
        "m.mmap = lambda file, size: shared(file, size, flags=m.MAP_PRIVATE | m.MAP_ANONYMOUS)",
        "yes > no",
    ),
    python(
        "resources.socket",
        "spawn forkserver",
        "import multiprocessing.reduction as r, socket as s; del r.ForkingPickler._extra_reducers[s.socket]",
        "yes > no",
    ),
    python(
        "resources.sqlite_connection",
        "spawn forkserver",
        "import copyreg, sqlite3\ncopyreg.pickle(sqlite3.Connection, lambda _: (sqlite3.connect, (':memory:',)))",
        "no > yes",
    ),
)
