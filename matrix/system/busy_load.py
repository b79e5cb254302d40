"""Busy loops beside the probes, to show that verdicts do not depend on speed."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator

_LOOP = """\
import os, sys, threading
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
while True: pass
"""


@contextlib.contextmanager
def busy(per_core: int) -> Iterator[None]:
    """Keep some busy loops per core running; they end with the block, or with this process, however that ends."""
    count = per_core * (os.cpu_count() or 1)
    # Each reads its stdin, whose end comes even when this process is killed.
    loops = [subprocess.Popen([sys.executable, "-c", _LOOP], stdin=subprocess.PIPE) for _ in range(count)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
        for loop in loops:
            loop.communicate()
