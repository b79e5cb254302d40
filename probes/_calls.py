"""Calls that may never return: each is made in a thread of its own and watched from outside."""

import sys
import threading

from _probe import LIMIT
from _waiting import comes


class Call:
    """function() in a thread: what it returned or raised is known when `ended` is set."""

    def __init__(self, function):
        self.function = function
        self.ended = threading.Event()
        self.returned = self.raised = None
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        try:
            self.returned = self.function()
        except Exception as error:
            self.raised = error
        self.ended.set()

    def ends(self, *process_ids):
        """Whether it ends, though not at once if one of these processes is busy."""
        return comes(self.ended.is_set, *process_ids)

    def result(self):
        """What it returns; raises what it raised, or RuntimeError if it does not end."""
        if not self.ended.wait(LIMIT):
            raise RuntimeError("the call does not end")
        if self.raised is not None:
            raise self.raised
        return self.returned


def place_at_end():
    """Where the main thread is in threading._shutdown(), with which a process begins to end; None before that."""
    frame = sys._current_frames().get(threading.main_thread().ident)
    while frame is not None and frame.f_code.co_name != "_shutdown":
        frame = frame.f_back
    return frame and frame.f_lasti
