"""Runs one use of multiprocessing in a subinterpreter, legacy or isolated, and prints what came of it.

It is a program of its own, since a subinterpreter that has used multiprocessing may crash its program at the end.
"""

import sys

USES = """
import sys
sys.path[:] = {path!r}


def process(ctx):
    import os

    child = ctx.Process(target=os.mkdir, args=({folder!r},))
    child.start()
    child.join()
    if os.path.isdir({folder!r}):
        os.rmdir({folder!r})
        return "done"
    return "exit code %r" % child.exitcode


def pool(ctx):
    import multiprocessing
    import time

    workers = set()
    with ctx.Pool(1) as pool:
        result = pool.apply_async(abs, (-5,))
        while not result.ready() and len(workers) < 4:
            workers.update(child.pid for child in multiprocessing.active_children())
            time.sleep(0.005)  # between two looks
        if not result.ready():
            return "its workers die"
        return "done" if result.get() == 5 else "wrong"


def executor(ctx):
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(1, mp_context=ctx) as pool:
        future = pool.submit(abs, -5)
        error = future.exception()
        if error is not None:
            raise error.__cause__ or error
        return "done" if future.result() == 5 else "wrong"


def manager(ctx):
    with ctx.Manager() as manager:
        shared = manager.dict()
        shared["key"] = 5
        return "done" if shared.copy() == {{"key": 5}} else "wrong"


def told(error):
    lines = [line for line in str(error).strip().splitlines() if "Error: " in line]
    return lines[-1] if lines else "%s: %s" % (type(error).__name__, error)


try:
    import multiprocessing

    said = {use}(multiprocessing.get_context({method!r}))
except Exception as error:
    said = told(error)
print("told", said, flush=True)
"""


def interpreter(kind):
    """The module that makes subinterpreters, and the ID of a new one."""
    try:
        import _interpreters as module
    except ImportError:
        import _xxsubinterpreters as module
    else:
        return module, module.create(kind)
    if sys.version_info < (3, 9):
        return (module, module.create()) if kind == "legacy" else (module, None)
    return module, module.create(isolated=kind == "isolated")


def main(kind, use, method, folder):
    try:
        module, number = interpreter(kind)
    except (ImportError, TypeError) as error:
        print("unavailable: %s" % error)
        return
    if number is None:
        print("unavailable: there are only legacy subinterpreters here")
        return
    code = USES.format(path=sys.path, folder=folder, use=use, method=method)
    try:
        failed = module.run_string(number, code)
    except Exception as error:
        failed = error
    if failed:
        print("failed", failed)


if __name__ == "__main__":
    main(*sys.argv[1:])
