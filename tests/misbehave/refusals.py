"""Calls the command line once for each list of words on stdin, and tells what each said: one process for many cases.

A line of JSON comes out for each: its exit status, what it printed, and its processor time in seconds.
"""

import contextlib
import io
import json
import sys
import time
import traceback

from matrix.__main__ import main


def call(words):
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    before = time.process_time()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = int(main(words))
        except SystemExit as end:  # argparse
            status = end.code
        except Exception:  # noqa: BLE001 - what a user would see as a traceback
            status = 1
            traceback.print_exc()
    took = time.process_time() - before
    texts = []
    for stream in (out, err):
        stream.flush()
        texts.append(stream.buffer.getvalue().decode("utf-8"))
    return {"status": status, "out": texts[0], "err": texts[1], "cpu": took}


if __name__ == "__main__":
    for line in sys.stdin.buffer.read().decode("utf-8").splitlines():
        print(json.dumps(call(json.loads(line))), flush=True)
