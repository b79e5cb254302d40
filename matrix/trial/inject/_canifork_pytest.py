"""A pytest plugin that writes down each test as it goes, so that a hang or a crash hides nothing that ran before.

With pytest-xdist the controller tells all; the workers only leave out what was done before.
"""

import os

import _canifork_trial as trial
import pytest

TEXT = 20000
"""Characters that are kept of one report."""


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    if getattr(config.option, "randomly_seed", None) is not None:
        config.option.randomly_seed = 1


def pytest_collection_modifyitems(config, items):
    """After a hang or a crash the rest runs in another process: leave out what was done."""
    done = _done()
    if done:
        left_out = [item for item in items if item.nodeid in done]
        items[:] = [item for item in items if item.nodeid not in done]
        config.hook.pytest_deselected(items=left_out)


def _done():
    try:
        with open(os.path.join(trial.HERE, "done"), encoding="utf-8") as file:
            return set(file.read().splitlines())
    except OSError:
        return set()


def _worker(config):
    return hasattr(config, "workerinput")


class Recorder:
    """Only where reports come together."""

    def pytest_collection_finish(self, session):
        trial.log("collected", count=len(session.items))

    def pytest_collectreport(self, report):
        if report.failed:
            trial.log("test", do="report", id=report.nodeid or "collection", when="collect", outcome="failed",
                      seconds=0.0, text=_text(report), output="")  # fmt: skip

    def pytest_runtest_logstart(self, nodeid, location):
        trial.log("test", do="start", id=nodeid)

    def pytest_runtest_logreport(self, report):
        outcome = report.outcome
        if hasattr(report, "wasxfail"):
            outcome = "xpassed" if report.passed else "xfailed"
        trial.log(
            "test", do="report", id=report.nodeid, when=report.when, outcome=outcome,
            seconds=getattr(report, "duration", 0.0), text=_text(report) if report.failed else "",
            output="".join(text for name, text in report.sections if name.endswith(report.when))[-TEXT:],
        )  # fmt: skip

    def pytest_runtest_logfinish(self, nodeid, location):
        trial.log("test", do="finish", id=nodeid)

    def pytest_warning_recorded(self, warning_message, when, nodeid, location):
        trial.log(
            "warning", id=nodeid, category=warning_message.category.__name__,
            message=str(warning_message.message)[:1000], file=warning_message.filename, line=warning_message.lineno,
        )  # fmt: skip


def _text(report):
    try:
        return str(report.longreprtext)[-TEXT:]
    except Exception:
        return str(getattr(report, "longrepr", ""))[-TEXT:]


def pytest_sessionstart(session):
    config = session.config
    if not _worker(config) and not config.pluginmanager.hasplugin("canifork-recorder"):
        recorder = Recorder()
        if not hasattr(_hookspec(config), "pytest_warning_recorded"):
            Recorder.pytest_warning_recorded = None  # before pytest 6
        config.pluginmanager.register(recorder, "canifork-recorder")


def _hookspec(config):
    return config.hook
