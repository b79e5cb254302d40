"""A script without a main guard that uses a ProcessPoolExecutor at module level."""

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor

try:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context(os.environ["CANIFORK_METHOD"])) as executor:
        print("answer", executor.submit(abs, -7).result())
except Exception as error:
    if __name__ != "__main__":
        raise  # a worker must fail as it would without this handler
    print("raised", type(error).__name__)
