"""python -m matrix"""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence

if __name__ == "__main__" and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # until all is imported, Ctrl-C ends the process without a traceback


def main(argv: Sequence[str] | None = None, program: str = "python -m matrix") -> int:
    """Run one command; returns an exit status (matrix.errors.Status). program: how help calls it."""
    from matrix.entry import guarded

    def work() -> int:
        from matrix import cli

        return cli.run(argv, program)

    return guarded(work)


if __name__ == "__main__":
    sys.exit(main())
