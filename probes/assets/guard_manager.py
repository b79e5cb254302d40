"""A script without a main guard that makes a Manager at module level."""

import multiprocessing
import os

try:
    with multiprocessing.get_context(os.environ["CANIFORK_METHOD"]).Manager() as manager:
        print("answer", manager.list([7])[0])
except Exception as error:
    if __name__ != "__main__":
        raise  # the manager's process must fail as it would without this handler
    print("raised", type(error).__name__)
