"""Runs another script in this process, as __main__."""

import multiprocessing  # noqa: F401 - imported before the main module changes, which is the hard case
import os
import runpy

if __name__ == "__main__":
    runpy.run_path(os.path.join(os.path.dirname(os.path.abspath(__file__)), "guard_guarded.py"), run_name="__main__")
