"""Requests: HTTP; here a session that keeps its connection."""

import uuid

from _http import serve as serve_http

NAME = "requests"
IMPORTS = ("requests",)
REQUIRES = ("requests>=2.20",)
STANCE = "unsafe"
SAYS = "Do not share a session between processes, or lose it in the one that made it."
ADDRESS = "https://github.com/psf/requests/issues/1906"
THREADS = (
    (
        "Sessions not safe in multi-process environment",
        "https://github.com/psf/requests/issues/4323",
    ),
    (
        "A proposed warning about sessions that are shared with forked processes",
        "https://github.com/psf/requests/pull/7297",
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
    import requests

    session = requests.Session()
    session.trust_env = False
    session.headers["X-Address"] = address
    return session


def use(session):
    word = str(uuid.uuid4())
    return session.get("%s/%s" % (session.headers["X-Address"], word), timeout=2).text == word


def close(session):
    session.close()
