"""joblib: parallel calls; here by its default backend, loky, which starts processes in its own way."""

NAME = "joblib"
IMPORTS = ("joblib",)
REQUIRES = ("joblib>=1.1",)
STANCE = "unsafe"
SAYS = "Workers started by fork can interact badly with NumPy and OpenBLAS: the backend loky does not fork (1.5.3)."
ADDRESS = "https://joblib.readthedocs.io/en/stable/parallel.html"
SEARCHED = "2026-11-26"  # for public reports: none was found
NOTE = (
    "A child's own object hangs where the default start method is fork, whatever the Python: joblib uses its executor "
    "again if mp.get_context() is the same, and in a forked child that is fork. Where it is fork in the parent too, "
    "as by default up to 3.13, the child takes the parent's executor, whose threads are gone. With "
    "set_start_method('fork') it hangs on 3.14 too (1.6.0, by hand)."
)


def make():
    import joblib

    return joblib.Parallel(n_jobs=2)


def use(parallel):
    import joblib

    return parallel(joblib.delayed(abs)(-number) for number in range(4)) == [0, 1, 2, 3]


def close(parallel):
    from joblib.externals.loky import get_reusable_executor

    get_reusable_executor().shutdown(wait=True)
