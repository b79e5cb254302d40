"""uvloop: an event loop for asyncio, on libuv; here timers and a pair of sockets."""

import uuid

NAME = "uvloop"
IMPORTS = ("uvloop",)
REQUIRES = ("uvloop>=0.16",)
STANCE = "silent"
SAYS = "Read: the README and the documentation of 0.22.1."
ADDRESS = "https://github.com/MagicStack/uvloop"
THREADS = (
    (
        "Hang waiting for create_server",
        "https://github.com/MagicStack/uvloop/issues/39",
    ),
    (
        "Unix fork survival (libuv)",
        "https://github.com/libuv/libuv/pull/846",
    ),
)
NOTE = "Used by both at once, the loop ended one of them by SIGABRT in 4 of 85 attempts (0.23.0, on 3.12 to 3.14)."


def make():
    import uvloop

    return uvloop.new_event_loop()


def use(loop):
    import asyncio
    import socket

    word = str(uuid.uuid4()).encode()
    here, there = socket.socketpair()
    here.setblocking(False)
    there.setblocking(False)

    async def work():
        receiving = asyncio.ensure_future(loop.sock_recv(there, 100))
        await asyncio.sleep(0.001)
        await loop.sock_sendall(here, word)
        return await asyncio.wait_for(receiving, 2)

    with here, there:
        return loop.run_until_complete(work()) == word


def close(loop):
    loop.close()
