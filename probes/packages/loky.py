"""loky: an executor of processes that starts them in its own way, and again if they die."""

NAME = "loky"
IMPORTS = ("loky",)
REQUIRES = ("loky>=3.0",)
STANCE = "unsafe"
SAYS = "fork should not be used as its start method, since it does not respect POSIX (a warning of 3.5.6)."
ADDRESS = "https://github.com/joblib/loky/blob/3.5.6/loky/backend/context.py"
SEARCHED = "2026-11-26"  # for public reports: none was found


def make():
    import loky

    return loky.get_reusable_executor(max_workers=2)


def use(executor):
    return list(executor.map(abs, range(-4, 0))) == [4, 3, 2, 1]


def close(executor):
    executor.shutdown(wait=True)
