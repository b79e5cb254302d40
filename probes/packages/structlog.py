"""structlog: structured logs; here into a file."""

import os
import tempfile
import uuid

NAME = "structlog"
IMPORTS = ("structlog",)
REQUIRES = ("structlog>=21.1",)
STANCE = "unsafe"
SAYS = "Its old thread-local context does not play well with os.fork(), it says; of all else nothing (26.1.0)."
ADDRESS = "https://www.structlog.org/en/stable/thread-local.html"


def make():
    import structlog

    path = os.path.join(tempfile.gettempdir(), "scratch-%s.log" % uuid.uuid4())
    file = open(path, "a")
    return structlog.wrap_logger(structlog.WriteLogger(file), [structlog.processors.JSONRenderer()]), file, path


def use(thing):
    logger, _, path = thing
    word = str(uuid.uuid4())
    logger.info(word)
    with open(path) as file:
        return word in file.read()


def close(thing):
    thing[1].close()
