"""All fatal errors and exit statuses."""

from __future__ import annotations

import enum


class Status(enum.IntEnum):
    """Exit statuses of `python -m matrix` and `python -m report`. A `no` is not a failure."""

    DONE = 0
    ERRORS = 1  # some verdicts are `error`
    USAGE = 2  # wrong usage or configuration
    NOTHING = 3  # nothing selected
    INCOMPLETE = 4  # not all that was planned was measured
    IO = 74  # EX_IOERR: results could not be written
    INTERRUPTED = 130
    PIPE = 141  # whoever read the output has closed it


class CaniforkError(Exception):
    """A fatal error, shown as its message without a traceback: what happened, probable cause, what to do.

    A message may quote untrusted text: control characters are escaped.
    """

    status = Status.USAGE

    def __init__(self, message: str) -> None:
        super().__init__("".join(c if c == "\n" or c.isprintable() else ascii(c)[1:-1] for c in message))


class UsageError(CaniforkError):
    """The command line or the configuration is wrong."""


class CatalogError(CaniforkError):
    """A probe script cannot be listed, or lists something invalid."""


class TargetError(CaniforkError):
    """A command is not a usable interpreter, or not the one that was asked for."""


class DataError(CaniforkError):
    """A run file, a matrix or a record is invalid."""


class NothingSelectedError(CaniforkError):
    """The selection matches no probe, or no interpreter."""

    status = Status.NOTHING


class ResourceError(CaniforkError):
    """The operating system does not give us what probes need."""

    status = Status.INCOMPLETE


class WriteError(CaniforkError):
    """Results could not be written: the disk is full or read-only, say."""

    status = Status.IO
