"""HTTPX: HTTP; here a client that keeps its connection."""

import uuid

from _http import serve as serve_http

NAME = "httpx"
IMPORTS = ("httpx",)
REQUIRES = ("httpx>=0.23",)
STANCE = "silent"
SAYS = "Read: the documentation of 0.28.1."
ADDRESS = "https://www.python-httpx.org/advanced/clients/"
THREADS = (
    (
        "Should reset connection pools after fork (urllib3, of which it has the pattern)",
        "https://github.com/urllib3/urllib3/issues/850",
    ),
)


def serve(ready):
    serve_http(ready)


def make(address):
    import httpx

    return httpx.Client(base_url=address, trust_env=False, timeout=2)


def use(client):
    word = str(uuid.uuid4())
    return client.get("/" + word).text == word


def close(client):
    client.close()
