"""Sentry SDK: reports of errors; here to a server in another process, sent by a thread."""

import uuid

from _http import serve as serve_http

NAME = "sentry-sdk"
IMPORTS = ("sentry_sdk",)
REQUIRES = ("sentry-sdk>=1.5",)
STANCE = "unread"
SAYS = "Nobody has read yet what the documentation says of fork."
ADDRESS = "https://docs.sentry.io/platforms/python/troubleshooting/"


def serve(ready):
    serve_http(ready)


def make(address):
    import sentry_sdk

    sentry_sdk.init(dsn=address.replace("//", "//key@") + "/1", default_integrations=False)
    return address


def use(address):
    import urllib.request

    import sentry_sdk

    word = str(uuid.uuid4())
    sentry_sdk.capture_message(word)
    sentry_sdk.flush(2)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    return opener.open("%s/seen/%s" % (address, word), timeout=2).read() == b"true"


def close(address):
    pass
