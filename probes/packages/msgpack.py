"""msgpack: serialization in C, without threads: a control that should be boring."""

import uuid

NAME = "msgpack"
IMPORTS = ("msgpack",)
REQUIRES = ("msgpack>=1.0",)
STANCE = "silent"
SAYS = "Read: the README of 1.2.3, which says nothing of fork, processes or threads."
ADDRESS = "https://pypi.org/project/msgpack/1.2.3/"
SEARCHED = "2026-11-27"  # for public reports: none was found


def make():
    import msgpack

    return msgpack.Packer()


def use(packer):
    import msgpack

    word = str(uuid.uuid4())
    return msgpack.unpackb(packer.pack({"word": word, "numbers": list(range(1000))}))["word"] == word


def close(packer):
    pass
