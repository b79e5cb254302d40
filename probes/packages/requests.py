"""Requests: HTTP; here a session that keeps its connection."""

import uuid

from _http import serve as serve_http

NAME = "requests"
IMPORTS = ("requests",)
REQUIRES = ("requests>=2.20",)
STANCE = "unread"
SAYS = "Nobody has read yet what the documentation says of fork."
ADDRESS = "https://requests.readthedocs.io/en/latest/user/advanced/"
THREADS = (
    (
        "A proposed warning about sessions that are shared with forked processes",
        "https://github.com/psf/requests/pull/7297",
    ),
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
