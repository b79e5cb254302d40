"""python -m report"""

import _signal  # type: ignore[import-not-found]  # signal itself imports enum, which takes a while
import sys

if __name__ == "__main__" and _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
    _signal.signal(_signal.SIGINT, _signal.SIG_DFL)  # until all is imported, Ctrl-C ends the process without traceback

if __name__ == "__main__":
    from report.cli import main

    sys.exit(main())
