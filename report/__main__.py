"""python -m report"""

import signal
import sys

if __name__ == "__main__" and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # until all is imported, Ctrl-C ends the process without a traceback

if __name__ == "__main__":
    from report.cli import main

    sys.exit(main())
