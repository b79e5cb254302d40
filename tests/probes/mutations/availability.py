"""Alterations of what the probes of availability observe."""

from tests.probes.mutation import FORK, MP, OLD, POSIX, child, python

MUTATIONS = (
    child(
        "availability.starts",
        "spawn",
        "return [os.getpid(), os.getppid(), _main_pid]",
        "return [os.getpid(), os.getppid(), os.getppid()]",
        "yes > error",
        file="_probe.py",
    ),
    child(
        "availability.starts",
        "fork",
        "return [os.getpid(), os.getppid(), _main_pid]",
        "return [os.getppid(), os.getppid(), _main_pid]",
        "yes > error",
        file="_probe.py",
    ),
    child(
        "availability.manager_long_tempdir",
        "fork spawn",
        '"a" * 60, "b" * 60',
        '"a"',
        "no > yes",
        POSIX + ' and python_version < "3.13"',
    ),
    python("availability.listed", "fork", MP + "multiprocessing.get_all_start_methods = lambda: ['spawn']", "yes > no"),
    python(
        "availability.context",
        "fork",
        MP + "get = multiprocessing.get_context\nmultiprocessing.get_context = lambda name=None: get('spawn')",
        "yes > no",
    ),
    python(
        "availability.list_order",
        "none",
        MP + "multiprocessing.get_all_start_methods = lambda: ['other']",
        "'fork,spawn,forkserver' > 'other'",
        FORK,
    ),
    python(
        "availability.default_first",
        "none",
        MP + "multiprocessing.get_all_start_methods = lambda: ['other']",
        "yes > no",
    ),
    python(
        "availability.same_context",
        "fork",
        MP + "import copy\nget = multiprocessing.get_context\n"
        "multiprocessing.get_context = lambda name=None: copy.copy(get(name))",
        "yes > no",
    ),
    child(
        "availability.grandchildren",
        "fork spawn",
        "    process = ctx.Process(target=do_nothing)\n",
        "    process = ctx.Process(target=do_nothing, args=(1,))\n",
        "yes > error",
    ),
    child(
        "availability.side_by_side",
        "fork",
        "return [os.getpid(), os.getppid(), _main_pid]",
        "return [os.getpid(), os.getppid(), os.getppid()]",
        "yes > no",
        file="_probe.py",
    ),
    child("availability.missing_executable", "spawn", 'scratch("no-python-here")', "sys.executable", "no > yes"),
    child(
        "availability.long_argv",
        "fork spawn",
        "    return sum(len(word) for word in sys.argv[1:])",
        "    return 0",
        "yes > error",
    ),
    child("availability.long_tempdir", "forkserver", '"a" * 60, "b" * 60', '"a"', "no > yes", OLD),
    child(
        "availability.no_tempdir",
        "forkserver",
        'return report if caller == "_probe" else nowhere()',
        "return report",
        "no > yes",
    ),
    child("availability.refused_without_fds", "none", "    del socket.CMSG_LEN\n", "", "yes > no"),
    child("availability.listed_without_fds", "none", "    del socket.CMSG_LEN\n", "", "no > yes", OLD),
)
