"""Stands between canifork and the command, so that a program that kills its parent kills this. Not imported.

`python -I -S _canifork_shell.py STATUS COMMAND…`: how the command ended goes into the file STATUS.
"""

import subprocess
import sys

try:
    process = subprocess.Popen(sys.argv[2:])
except OSError as error:
    status = "cannot start: %s" % error
else:
    while True:
        try:
            status = str(process.wait())
            break
        except KeyboardInterrupt:
            pass  # the command heard it too, and decides
with open(sys.argv[1], "w", encoding="utf-8") as file:
    file.write(status)
