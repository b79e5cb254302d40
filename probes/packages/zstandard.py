"""zstandard: compression by Zstandard; here a compressor that has two threads of its own."""

import uuid

NAME = "zstandard"
IMPORTS = ("zstandard",)
REQUIRES = ("zstandard>=0.19",)
STANCE = "silent"
SAYS = "Read: the documentation of 0.25.0: instances are not thread-safe; of processes it says nothing."
ADDRESS = "https://python-zstandard.readthedocs.io/en/stable/multithreaded.html"
THREADS = ()
SEARCHED = "2026-11-26"


def make():
    import zstandard

    return zstandard.ZstdCompressor(threads=2)


def use(compressor):
    import zstandard

    text = uuid.uuid4().bytes * 100000
    return zstandard.ZstdDecompressor().decompress(compressor.compress(text)) == text


def close(compressor):
    pass
