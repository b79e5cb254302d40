"""A recipe for tests: a client of the HTTP server, which loses its connection if a child closes it."""

import http.client

from _http import serve as serve_http

NAME = "server"
IMPORTS = ("colorsys",)
REQUIRES = ("server>=1",)
STANCE = "silent"
SAYS = "Nothing."
ADDRESS = "https://example.org/"


def serve(ready):
    serve_http(ready)


def make(address):
    return http.client.HTTPConnection(address.partition("//")[2], timeout=5)


def use(thing):
    import uuid

    word = str(uuid.uuid4())
    thing.request("GET", "/" + word)
    return thing.getresponse().read().decode() == word


def close(thing):
    import socket

    if thing.sock:
        thing.sock.shutdown(socket.SHUT_RDWR)  # ends it for the parent too
    thing.close()
