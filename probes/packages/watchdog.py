"""watchdog: changes in the file system, seen by a thread."""

import os
import tempfile
import time
import uuid

NAME = "watchdog"
IMPORTS = ("watchdog.observers",)
REQUIRES = ("watchdog>=2.1",)
STANCE = "silent"
SAYS = "Read: the documentation of 6.0.0."
ADDRESS = "https://python-watchdog.readthedocs.io/en/stable/"
SEARCHED = "2026-11-26"  # for public reports: none was found


def make():
    from watchdog.events import FileSystemEventHandler
    from watchdog.observers import Observer

    folder, seen = tempfile.mkdtemp(prefix="scratch-"), []
    handler = FileSystemEventHandler()
    handler.on_created = lambda event: seen.append(os.path.basename(event.src_path))
    observer = Observer()
    observer.schedule(handler, folder)
    observer.start()
    return observer, folder, seen


def use(thing):
    _, folder, seen = thing
    name = str(uuid.uuid4())
    open(os.path.join(folder, name), "w").close()
    end = time.monotonic() + 2
    while name not in seen and time.monotonic() < end:
        time.sleep(0.01)
    return name in seen


def close(thing):
    observer = thing[0]
    observer.stop()
    observer.join()
