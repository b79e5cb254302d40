"""Loguru: logging; here into a file."""

import os
import tempfile
import uuid

NAME = "loguru"
IMPORTS = ("loguru",)
REQUIRES = ("loguru>=0.6",)
STANCE = "safe"
SAYS = "With fork there is no pitfall in multiprocessing: a child inherits the handlers (recipes of 0.7.3)."
ADDRESS = "https://loguru.readthedocs.io/en/stable/resources/recipes.html"


def make():
    from loguru import logger

    logger.remove()
    path = os.path.join(tempfile.gettempdir(), "scratch-%s.log" % uuid.uuid4())
    logger.add(path, format="{message}")
    return logger, path


def use(thing):
    logger, path = thing
    word = str(uuid.uuid4())
    logger.info(word)
    with open(path) as file:
        return word in file.read()


def close(thing):
    thing[0].remove()
