"""urllib3: HTTP connections and their pools, beneath Requests and others."""

import os
import uuid

from _http import serve as serve_http

NAME = "urllib3"
IMPORTS = ("urllib3",)
REQUIRES = ("urllib3>=1.25",)
STANCE = "unsafe"
SAYS = "Fork before a pool is used: how a used one behaves in another process is undefined."
ADDRESS = "https://github.com/urllib3/urllib3/issues/850"
THREADS = (
    (
        "Should reset connection pools after fork",
        "https://github.com/urllib3/urllib3/issues/850",
    ),
)
NOTE = (
    "Used by both at once, it fails at the first collision alone: then urllib3 opens another connection, and each "
    "process has its own from there on. By hand one or two of 60 answers were wrong or did not come; in 2 of 30 "
    "attempts none was."
)


def serve(ready):
    serve_http(ready)


def make(address):
    import urllib3

    return urllib3.PoolManager()


def use(pool):
    word = str(uuid.uuid4())
    url = "%s/%s" % (os.environ["CANIFORK_SERVER"], word)
    return pool.request("GET", url, timeout=2.0, retries=False).data.decode() == word


def close(pool):
    pool.clear()
