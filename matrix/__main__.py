"""python -m matrix"""

import _signal  # type: ignore[import-not-found]  # signal itself imports enum, which takes a while
import sys
from collections.abc import Sequence

if __name__ == "__main__" and _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
    _signal.signal(_signal.SIGINT, _signal.SIG_DFL)  # until all is imported, Ctrl-C ends the process without traceback


def main(argv: Sequence[str] | None = None, program: str = "python -m matrix") -> int:
    """Run one command; returns an exit status (matrix.errors.Status). program: one of those of matrix.called."""
    from matrix import cli
    from matrix.entry import guarded

    return guarded(lambda: cli.run(argv, program))


if __name__ == "__main__":
    sys.exit(main())
