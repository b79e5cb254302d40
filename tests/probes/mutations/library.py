"""Alterations of what the probes of library observe."""

from tests.probes.mutation import PATHS, child, python

MUTATIONS = (
    child("library.compiled_regex", "spawn", 'pattern.match("aab").group()', "pattern.pattern", "yes > error"),
    python(
        "library.itertools_count",
        "spawn",
        "import copyreg, itertools\n"
        "def no_count(counter):\n    raise TypeError('as of Python 3.14')\n"
        "copyreg.pickle(itertools.count, no_count)",
        "yes > no",
        PATHS,
    ),
    python(
        "library.environment",
        "spawn",
        "import copyreg, os; copyreg.pickle(type(os.environ), lambda environ: (dict, (dict(environ),)))",
        "no > yes",
    ),
    python(
        "library.context",
        "spawn",
        "import copyreg, contextvars as v; copyreg.pickle(v.Context, lambda context: (v.copy_context, ()))",
        "no > yes",
    ),
    python(
        "library.path_object",
        "spawn",
        "import pathlib\ndef no_path(path):\n    raise TypeError('no paths')\npathlib.PurePath.__reduce__ = no_path",
        "yes > no",
    ),
    python(
        "library.thread_queue",
        "spawn",
        "import queue; queue.Queue.__reduce__ = lambda self: (queue.Queue, (), {'queue': self.queue})",
        "no > yes",
    ),
    python(
        "library.logger",
        "spawn",
        "import logging\ndef no_logger(one):\n    raise TypeError('no loggers')\nlogging.Logger.__reduce__ = no_logger",
        "yes > no",
    ),
    python(
        "library.logger_handlers",
        "forkserver",
        "import logging\n"
        "logging.Logger.__reduce__ = lambda self: (\n"
        "    logging.getLogger, (self.name,), {'handlers': self.handlers, 'level': self.level})",
        "no > yes",
    ),
)
