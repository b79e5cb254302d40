"""A program whose main script imports much: it prints, as JSON, the seconds of some starts and a child's memory.

CANIFORK_METHOD is the start method; with CANIFORK_PRELOAD the fork server imports the same modules, once for all
children. The children import the main script again, except under fork.
"""

import importlib
import json
import multiprocessing
import os
import tempfile
from time import perf_counter

IMPORTED = [
    *("asyncio", "concurrent.futures", "csv", "decimal", "difflib", "doctest", "email.message", "fractions"),
    *("html.parser", "http.client", "http.server", "json", "logging.config", "pdb", "pydoc", "statistics", "string"),
    *("tarfile", "tempfile", "unittest.mock", "urllib.request", "xml.dom.minidom", "xmlrpc.client", "zipfile"),
]
for name in IMPORTED:
    importlib.import_module(name)


def do_nothing():
    """The target whose time is taken."""


def measure(report):
    """Write how much private memory this child has, in KiB; nothing where the system does not tell."""
    if os.name == "nt":  # under Wine there is the /proc of another system
        return
    try:
        with open("/proc/self/smaps_rollup") as file:
            rows = [line.split() for line in file]
    except OSError:
        return
    with open(report, "w") as file:
        file.write(str(sum(int(row[1]) for row in rows if row[0] in ("Private_Clean:", "Private_Dirty:"))))


def run(ctx, target, *args):
    """Seconds from start() to the end of join()."""
    before = perf_counter()
    process = ctx.Process(target=target, args=args)
    process.start()
    process.join()
    after = perf_counter()
    if process.exitcode != 0:
        raise RuntimeError("the child ended with exit code %r" % process.exitcode)
    return after - before


if __name__ == "__main__":
    ctx = multiprocessing.get_context(os.environ["CANIFORK_METHOD"])
    if "CANIFORK_PRELOAD" in os.environ:
        ctx.set_forkserver_preload(IMPORTED)
    run(ctx, do_nothing)  # the first start also starts the helpers
    samples = []
    while len(samples) < 3 or (len(samples) < 7 and sum(samples) < 1.5):
        samples.append(run(ctx, do_nothing))
    report = os.path.join(tempfile.mkdtemp(), "memory")
    run(ctx, measure, report)
    kibibytes = None
    if os.path.exists(report):
        with open(report) as file:
            kibibytes = int(file.read())
        os.remove(report)
    os.rmdir(os.path.dirname(report))
    print(json.dumps({"samples": samples, "kibibytes": kibibytes}))
