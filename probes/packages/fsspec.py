"""fsspec: file systems of all kinds; here HTTP, which runs in a thread with an event loop."""

import uuid

from _http import serve as serve_http

NAME = "fsspec"
IMPORTS = ("fsspec.implementations.http",)
REQUIRES = ("fsspec>=2022.1", "aiohttp>=3.7")
STANCE = "unsafe"
SAYS = "A file system that uses asyncio refuses to be used in a forked process: 'This class is not fork-safe'."
ADDRESS = "https://github.com/fsspec/filesystem_spec/blob/2023.5.0/fsspec/asyn.py"
THREADS = (
    (
        "Fork safety for async filesystems",
        "https://github.com/fsspec/filesystem_spec/issues/835",
    ),
)


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
