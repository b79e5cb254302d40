"""A script that uses a Pool and leaves it open."""

import multiprocessing
import os

if __name__ == "__main__":
    pool = multiprocessing.get_context(os.environ["CANIFORK_METHOD"]).Pool(1)
    print(pool.apply(abs, (-3,)))
