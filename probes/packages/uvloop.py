"""uvloop: an event loop for asyncio, on libuv."""

NAME = "uvloop"
IMPORTS = ("uvloop",)
REQUIRES = ("uvloop>=0.16",)
STANCE = "unread"
SAYS = "Nobody has read yet what the documentation says of fork."
ADDRESS = "https://github.com/MagicStack/uvloop"


def make():
    import uvloop

    return uvloop.new_event_loop()


def use(loop):
    import asyncio

    async def work():
        await asyncio.sleep(0.001)
        return await loop.run_in_executor(None, abs, -42)

    return loop.run_until_complete(work()) == 42


def close(loop):
    loop.close()
