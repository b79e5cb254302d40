"""What unittest runs, test by test; not where pytest does, which has its own way of telling."""

import sys
import time
import traceback

TEXT = 20000

OUTCOMES = (
    ("addError", "failed"),
    ("addFailure", "failed"),
    ("addSkip", "skipped"),
    ("addExpectedFailure", "xfailed"),
    ("addUnexpectedSuccess", "xpassed"),
)


class Recorder:
    """Told by a TestResult of each of its tests."""

    def __init__(self, log):
        self.log = log
        self.open = {}

    def start(self, test):
        self.open[test.id()] = ["passed", "", time.monotonic()]
        self.log("test", do="start", id=test.id())

    def outcome(self, word, test, error=None):
        entry = self.open.get(test.id())
        if entry is None:  # setUpClass, or a module that cannot be imported
            self.report(test, "setup", word, 0.0, shown(error))
        elif entry[0] == "passed":
            entry[0], entry[1] = word, shown(error)

    def subtest(self, test, error):
        if error is not None:
            self.outcome("failed", test, error)

    def stop(self, test):
        word, text, began = self.open.pop(test.id(), ["passed", "", time.monotonic()])
        self.report(test, "call", word, time.monotonic() - began, text)
        self.log("test", do="finish", id=test.id())

    def report(self, test, when, outcome, seconds, text):
        self.log(
            "test", do="report", id=test.id(), when=when, outcome=outcome, seconds=seconds, text=text, output=""
        )  # fmt: skip


def watch(kind, log):
    """Make a TestResult class write down its tests."""
    recorder = Recorder(log)
    wrap(kind, "startTest", recorder.start)
    wrap(kind, "stopTest", recorder.stop)
    wrap(kind, "addSubTest", lambda test, part, error: recorder.subtest(test, error))
    for name, word in OUTCOMES:
        wrap(kind, name, lambda test, *rest, word=word: recorder.outcome(word, test, *rest))


def wrap(kind, name, note):
    """Let a method of the class tell first what it is told."""
    original = getattr(kind, name)

    def method(self, test, *rest):
        if "_canifork_pytest" not in sys.modules:
            try:
                note(test, *rest)
            except Exception:
                pass
        return original(self, test, *rest)

    method.__name__, method.__doc__, method.__wrapped__ = name, original.__doc__, original
    setattr(kind, name, method)


def shown(error):
    """A traceback; a reason of a skip is none."""
    if isinstance(error, tuple):
        return "".join(traceback.format_exception(*error))[-TEXT:]
    return ""
