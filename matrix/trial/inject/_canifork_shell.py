"""Stands between canifork and the command, so that a program that kills its parent kills this. Not imported.

`python -I -S _canifork_shell.py INPUT STATUS COMMAND…`: the command reads the file INPUT; how it ended goes into the
file STATUS. Each trial waits for the start of this: where it can, it does without subprocess, which takes longer to
import than all else here.
"""

import os
import sys


def start(words, given):
    """Start a command that reads a file; returns a function that waits for its status. Raises OSError."""
    if not hasattr(os, "posix_spawnp"):
        import subprocess

        with open(given, "rb") as file:
            return subprocess.Popen(words, stdin=file).wait
    import _signal  # signal itself imports enum

    ignored = [_signal.SIGPIPE, _signal.SIGXFSZ]  # by Python; the command gets them as the system has them
    read = (os.POSIX_SPAWN_OPEN, 0, given, os.O_RDONLY, 0)
    pid = os.posix_spawnp(words[0], words, os.environ, file_actions=[read], setsigdef=ignored)
    return lambda: os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


try:
    wait = start(sys.argv[3:], sys.argv[1])
except OSError as error:
    status = "cannot start: %s" % error
else:
    while True:
        try:
            status = str(wait())
            break
        except KeyboardInterrupt:
            pass  # the command heard it too, and decides
with open(sys.argv[2], "w", encoding="utf-8") as file:
    file.write(status)
