"""A manager with a class of its own; a module of its own, since multiprocessing.managers is slow to import."""

import threading
from multiprocessing.managers import SyncManager

LIMIT = 20
GO = threading.Event()  # of the manager's process


class Counter:
    """A class that is shared through a manager."""

    def __init__(self, count=1):
        self.count = count

    def get(self):
        """What the attribute is."""
        return self.count

    def fail(self):
        """Raise from a function that a traceback would name."""
        return self.get_missing()

    def get_missing(self):
        """The place of the error."""
        return {}["missing"]

    def wait(self, path):
        """Leave a file, and wait until another call says go; whether one did."""
        open(path, "w").close()
        return GO.wait(LIMIT)

    def go(self):
        """Let the waiting call return."""
        GO.set()

    def serving(self):
        """The name of the thread that serves this client."""
        return threading.current_thread().name

    def threads(self):
        """The names of the threads of the manager's process."""
        return [each.name for each in threading.enumerate()]


class Manager(SyncManager):
    """A manager of one's own."""


Manager.register("Counter", Counter)
