"""fsspec: file systems of all kinds; here HTTP, which runs in a thread with an event loop."""

import uuid

from _http import serve as serve_http

NAME = "fsspec"
IMPORTS = ("fsspec.implementations.http",)
REQUIRES = ("fsspec>=2022.1", "aiohttp>=3.7")
STANCE = "unread"
SAYS = "Nobody has read yet what the documentation says of fork."
ADDRESS = "https://filesystem-spec.readthedocs.io/en/latest/async.html"


def serve(ready):
    serve_http(ready)


def make(address):
    import aiohttp
    import fsspec

    timeout = aiohttp.ClientTimeout(total=2)
    return fsspec.filesystem("http", client_kwargs={"timeout": timeout}, skip_instance_cache=True), address


def use(thing):
    files, address = thing
    word = str(uuid.uuid4())
    return files.cat_file("%s/%s" % (address, word)) == word.encode()


def close(thing):
    pass
