"""Stands between canifork and the command, so that a program that kills its parent kills this. Not imported.

`python -I -S _canifork_shell.py INPUT STATUS COMMAND…`: the command reads the file INPUT; how it ended goes into the
file STATUS.
"""

import subprocess
import sys

try:
    with open(sys.argv[1], "rb") as given:
        process = subprocess.Popen(sys.argv[3:], stdin=given)
except OSError as error:
    status = "cannot start: %s" % error
else:
    while True:
        try:
            status = str(process.wait())
            break
        except KeyboardInterrupt:
            pass  # the command heard it too, and decides
with open(sys.argv[2], "w", encoding="utf-8") as file:
    file.write(status)
