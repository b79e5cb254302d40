"""Runs a command and tells what it took: `python measured.py REPORT COMMAND…`.

It is small, so that its own memory is no measure: a child starts with the peak of whoever started it.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

if __name__ == "__main__":
    process = subprocess.Popen(sys.argv[2:])
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    report = {
        "status": process.returncode,
        "cpu": usage.ru_utime + usage.ru_stime,  # seconds
        "peak": usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),  # bytes
    }
    Path(sys.argv[1]).write_text(json.dumps(report), encoding="utf-8")
