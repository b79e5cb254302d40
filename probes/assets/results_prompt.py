import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor


def task():
    return 42


pool = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context(os.environ["CANIFORK_METHOD"]))
future = pool.submit(task)
try:
    print("result %d" % future.result())
except Exception as error:
    print("raised %s" % type(error).__name__)

pool.shutdown()
