"""Alterations of what the probes of embedding observe."""

from tests.probes.mutation import CPYTHON, LINUX, POSIX, child

NOTE = 'file.write("child %s\\n"'
OTHER = 'file.write("other %s\\n"'
SCRIPT = "assets/embedding_child.py"
INTERPRETERS = "assets/embedding_interpreters.py"
IN_NEW = "failed = module.run_string(number, code)"
IN_MAIN = "module.destroy(number); failed = exec(code, {})"
ISOLATED = CPYTHON + ' and python_version >= "3.9"'

MUTATIONS = (
    child("embedding.without_name", "fork", NOTE, OTHER, "yes > error", CPYTHON, SCRIPT, refusable=True),
    child("embedding.with_own_name", "fork", NOTE, OTHER, "yes > error", CPYTHON, SCRIPT, refusable=True),
    child("embedding.with_executable", "fork spawn", NOTE, OTHER, "yes > error", CPYTHON, SCRIPT, refusable=True),
    child("embedding.through_loader", "fork spawn", NOTE, OTHER, "yes > error", LINUX, SCRIPT, refusable=True),
    child(
        "embedding.same_loader",
        "spawn",
        "os.readlink(exe)",
        'os.readlink("/proc/%d/exe" % os.getppid())',
        "no > yes",
        LINUX,
        SCRIPT,
        refusable=True,
    ),
    child(
        "embedding.under_other_name", "spawn", "['my-program']", "[sys.executable]", "no > yes", POSIX, refusable=True
    ),
    child("embedding.process_in_legacy", "fork", IN_NEW, IN_MAIN, "no > yes", CPYTHON, INTERPRETERS),
    child("embedding.pool_in_legacy", "fork", IN_NEW, IN_MAIN, "no > yes", CPYTHON, INTERPRETERS),
    child("embedding.pool_in_isolated", "spawn", IN_NEW, IN_MAIN, "no > yes", ISOLATED, INTERPRETERS),
    child("embedding.executor_in_isolated", "spawn", IN_NEW, IN_MAIN, "no > yes", ISOLATED, INTERPRETERS),
    child("embedding.manager_in_isolated", "fork", IN_NEW, IN_MAIN, "no > yes", ISOLATED, INTERPRETERS),
)
