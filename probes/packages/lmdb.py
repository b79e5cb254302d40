"""lmdb: a key-value store in a memory map; each process opens the same one."""

import os
import tempfile
import uuid

NAME = "lmdb"
IMPORTS = ("lmdb",)
REQUIRES = ("lmdb>=1.0",)
STANCE = "unsafe"
SAYS = "LMDB's own documentation: use an environment in the process which opened it, without forking (quoted in 2016)."
ADDRESS = "https://openldap.org/lists/openldap-technical/201608/msg00067.html"
THREADS = (
    (
        "MDB_BAD_RSLOT after fork due to spare txn",
        "https://github.com/jnwatson/py-lmdb/issues/346",
    ),
    (
        "Fix transactions freed by deallocation in child process",
        "https://github.com/jnwatson/py-lmdb/pull/363",
    ),
)
NOTE = (
    "A forked child that opens the same database is refused: the binding takes it for open in this process. The "
    "environment that it inherits works, though LMDB forbids to use it."
)

opened = set()  # processes that have opened it: none may do so twice


def make():
    import lmdb

    path = os.path.join(tempfile.gettempdir(), "scratch-lmdb")
    if os.getpid() in opened:
        path = tempfile.mkdtemp(prefix="scratch-")
    opened.add(os.getpid())
    return lmdb.open(path, map_size=2**24)


def use(env):
    word = uuid.uuid4().bytes
    with env.begin(write=True) as transaction:
        transaction.put(word, word[::-1])
    with env.begin() as transaction:
        return transaction.get(word) == word[::-1]


def close(env):
    env.close()
