"""Paths for what a question and its children write, which are gone when the question has been answered."""

import os

from _probe import scratch

_folder = None


def place(*names):
    """A path in a folder that the process which asks first makes, and removes at its end."""
    global _folder
    if _folder is None:
        import atexit
        import tempfile

        _folder = tempfile.mkdtemp(dir=scratch())
        atexit.register(_remove, os.getpid())
    return os.path.join(_folder, *names)


def _remove(owner):
    """Remove the folder, but not in a forked child."""
    if os.getpid() == owner:
        import shutil

        shutil.rmtree(_folder, ignore_errors=True)  # on Windows, a child may still have something open
