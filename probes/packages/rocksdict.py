"""rocksdict: RocksDB as a dictionary."""

import tempfile
import uuid

NAME = "rocksdict"
IMPORTS = ("rocksdict",)
REQUIRES = ("rocksdict>=0.3",)
STANCE = "silent"
SAYS = "Read: the page on PyPI and the stubs of 0.3.29, in which processes do not occur."
ADDRESS = "https://pypi.org/project/rocksdict/"
THREADS = (
    (
        "reading a snapshot from a forked child process (of RocksDB)",
        "https://github.com/facebook/rocksdb/issues/2006",
    ),
)


def make():
    import rocksdict

    return rocksdict.Rdict(tempfile.mkdtemp(prefix="scratch-"))


def use(store):
    word = str(uuid.uuid4())
    store[word] = word[::-1]
    store.flush()
    return store[word] == word[::-1]


def close(store):
    store.close()
