"""A module that says in which process it was imported."""

import os

PID = os.getpid()
