"""A script without a main guard that makes a Pool at module level.

Workers that die while they import this script are replaced without end, so the script looks on and stops after three.
"""

import multiprocessing
import os
import time


def runs():
    with open(os.environ["CANIFORK_REPORT"]) as file:
        return len(file.readlines())


with open(os.environ["CANIFORK_REPORT"], "a") as log:
    log.write("%s\n" % __name__)
ctx = multiprocessing.get_context(os.environ["CANIFORK_METHOD"])
pool = ctx.Pool(1)
result = pool.apply_async(abs, (-7,))
while not result.ready() and runs() < 4:
    time.sleep(0.02)  # between two looks
print("answer %d" % result.get() if result.ready() else "replaced")
pool.terminate()
pool.join()
