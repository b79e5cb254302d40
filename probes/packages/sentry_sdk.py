"""Sentry SDK: reports of errors; here to a server in another process, sent by a thread."""

import uuid

from _http import serve as serve_http

NAME = "sentry-sdk"
IMPORTS = ("sentry_sdk",)
REQUIRES = ("sentry-sdk>=1.5",)
STANCE = "safe"
SAYS = "fork() is supported in general; flush() events in a child of multiprocessing, which runs no atexit handlers."
ADDRESS = "https://github.com/getsentry/sentry-python/issues/291"
THREADS = (
    (
        "Possible deadlock when using Batcher and os.fork()",
        "https://github.com/getsentry/sentry-python/issues/6149",
    ),
)


def serve(ready):
    serve_http(ready)


def make(address):
    import sentry_sdk

    return sentry_sdk.Client(dsn=address.replace("//", "//key@") + "/1", default_integrations=False), address


def use(thing):
    import urllib.request

    client, address = thing
    word = str(uuid.uuid4())
    client.capture_event({"message": word})
    client.flush(2)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    return opener.open("%s/seen/%s" % (address, word), timeout=2).read() == b"true"


def close(thing):
    thing[0].close(0.1)
