"""aiohttp: HTTP for asyncio; here a session that keeps its connection, with the event loop that it belongs to."""

import uuid

from _http import serve as serve_http

NAME = "aiohttp"
IMPORTS = ("aiohttp",)
REQUIRES = ("aiohttp>=3.7",)
STANCE = "silent"
SAYS = "Read: the documentation of 3.14.3, in which fork is a word of deployment under Gunicorn only."
ADDRESS = "https://docs.aiohttp.org/en/stable/client_advanced.html"
THREADS = (
    (
        "A loop cannot survive a fork, nor a ClientSession (Sanic)",
        "https://github.com/sanic-org/sanic/issues/1271",
    ),
    (
        "os.fork: documenting quirks (asyncio)",
        "https://github.com/python/asyncio/issues/347",
    ),
)


def serve(ready):
    serve_http(ready)


def make(address):
    import asyncio

    import aiohttp

    async def begin():
        return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2))

    loop = asyncio.new_event_loop()
    return loop, loop.run_until_complete(begin()), address


def use(thing):
    loop, session, address = thing
    word = str(uuid.uuid4())

    async def get():
        async with session.get("%s/%s" % (address, word)) as response:
            return await response.text()

    return loop.run_until_complete(get()) == word


def close(thing):
    loop, session, _ = thing
    loop.run_until_complete(session.close())
    loop.close()
