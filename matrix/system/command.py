"""Run a command and capture what it prints: bounded in time and in output, and nothing of it stays behind."""

from __future__ import annotations

import os
import secrets
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from matrix.system import launch, process

OUTPUT_LIMIT = 8 * 2**20
"""Bytes of stdout, and as many of stderr, that a command may print."""


LAST_WORDS = 30.0
"""Seconds in which a pipe whose writers are dead must be read to its end: the machine may be busy."""


class CommandError(Exception):
    """A command did not run to its end: 'cannot be started: No such file or directory'."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """How a command ended. status: its exit status, below 0 if a signal ended it."""

    status: int
    stdout: str
    stderr: str

    @property
    def last_line(self) -> str:
        """The last line of stderr, else of stdout: where programs say what went wrong. At most 300 characters."""
        lines = [line.strip() for text in (self.stdout, self.stderr) for line in text.splitlines() if line.strip()]
        return lines[-1][:300] if lines else "no output"


def capture(
    argv: Sequence[str], *, timeout: float, cwd: Path | None = None, cancelled: process.Cancelled | None = None
) -> Completed:
    """Run a command without input, in an environment without PYTHON* variables; timeout in seconds.

    Whatever it leaves running is ended. cancelled: set from elsewhere, to give up. Raises CommandError if it cannot be
    started, does not end in time, or prints more than OUTPUT_LIMIT.
    """
    token = f"command-{secrets.token_hex(8)}"
    env = launch.environment(os.environ, None, token)
    try:
        family = process.start(argv, token, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    except OSError as error:
        raise CommandError(f"cannot be started: {error.strerror or error}") from None
    popen = family.popen
    streams = [_Stream(cast(BinaryIO, pipe)) for pipe in (popen.stdout, popen.stderr)]
    end = time.monotonic() + timeout
    ended = False
    try:
        while not (ended := process.wait(popen, process.TICK)) and time.monotonic() < end:
            if any(stream.full for stream in streams) or (cancelled and cancelled.is_set()):
                break
    finally:
        family.sweep(ended_alone=ended)
        family.close()
        for stream in streams:
            stream.finish()
    if any(stream.full for stream in streams):
        raise CommandError(f"printed more than {OUTPUT_LIMIT >> 20} MiB")
    if not ended:
        raise CommandError(f"did not end within {timeout:g} s")
    return Completed(status=popen.returncode, stdout=streams[0].text, stderr=streams[1].text)


class _Stream:
    """Reads a pipe in a thread of its own. It stops at the limit, and the writer with it: a pipe holds little."""

    def __init__(self, pipe: BinaryIO) -> None:
        self.full = False
        self.text = ""
        self._pipe = pipe
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        data = bytearray()
        while chunk := os.read(self._pipe.fileno(), 2**16):
            data += chunk
            if len(data) > OUTPUT_LIMIT:
                self.full = True
                return
        self.text = data.decode("utf-8", "replace").replace("\r\n", "\n")

    def finish(self) -> None:
        """Wait for the end of what was printed: all who could write are dead, unless one survives SIGKILL."""
        self._thread.join(LAST_WORDS)
        if not self._thread.is_alive():
            self._pipe.close()
