"""uvloop: an event loop for asyncio; here code in a coroutine that it runs"""

NAME = "uvloop"
REQUIRES = ("uvloop>=0.16",)
STANCE = "silent"
SAYS = "Read: the README and the documentation of 0.22.1."
ADDRESS = "https://github.com/MagicStack/uvloop"


MAIN = """

async def main():
    job()


if __name__ == "__main__":
    import asyncio

    import uvloop

    uvloop.install()
    asyncio.run(main())
"""


def run(host):
    host.write("app.py", host.code + MAIN)
    host.wait(host.start("app.py"))
