"""Alterations of what the probes of late observe."""

from tests.probes.mutation import LINUX, child

MUTATIONS = (
    child(
        "late.late_affinity",
        "spawn",
        "    return sorted(os.sched_getaffinity(0))\n",
        '    return sorted(os.sched_getaffinity(0)) if __name__ == "__main__" else [99]\n',
        "yes > error",
        only=LINUX,
    ),
    child(
        "late.late_nice",
        "spawn",
        "    return os.nice(0)\n",
        '    return os.nice(0) if __name__ == "__main__" else -99\n',
        "yes > error",
    ),
    child(
        "late.late_limit",
        "spawn",
        "    return resource.getrlimit(resource.RLIMIT_CORE)[0]\n",
        '    return resource.getrlimit(resource.RLIMIT_CORE)[0] if __name__ == "__main__" else 17\n',
        "yes > error",
    ),
    child(
        "late.late_signal_mask",
        "spawn",
        "    return signal.SIGUSR1 in signal.pthread_sigmask(signal.SIG_BLOCK, [])\n",
        "    return signal.SIGUSR1 in signal.pthread_sigmask(signal.SIG_BLOCK, []) if __name__ == "
        '"__main__" else False\n',
        "yes > no",
    ),
    child(
        "late.late_argv",
        "spawn",
        "    return sys.argv[1:]\n",
        '    return sys.argv[1:] if __name__ == "__main__" else ["other"]\n',
        "yes > error",
    ),
    child(
        "late.late_time_zone",
        "spawn",
        "    return time.tzname[0]\n",
        '    return time.tzname[0] if __name__ == "__main__" else "other"\n',
        "yes > error",
    ),
    child(
        "late.late_authkey",
        "spawn",
        '    return bytes(multiprocessing.current_process().authkey).decode("latin-1")\n',
        '    return bytes(multiprocessing.current_process().authkey).decode("latin-1") if __name__ '
        '== "__main__" else "other"\n',
        "yes > error",
    ),
    child("late.late_group", "fork", "    connection.send(os.getpgrp())\n", "    connection.send(1)\n", "yes > error"),
    child(
        "late.late_pythonpath",
        "spawn",
        "    except ImportError:\n        return False\n",
        "    except ImportError:\n        return True\n",
        "no > yes",
    ),
    child(
        "late.late_preload",
        "forkserver",
        '    return "this_is_preloaded" in sys.modules\n',
        '    return "this_is_preloaded" in sys.modules if __name__ == "__main__" else True\n',
        "no > yes",
    ),
    child(
        "late.late_user",
        "fork",
        "{0: AS_ROOT, NOBODY: AS_NOBODY}",
        "{0: AS_NOBODY, NOBODY: AS_ROOT}",
        "yes > no",
        refusable=True,
    ),
    child("late.late_root", "fork", "    os._exit(40 if os", "    os._exit(41 if os", "yes > no", refusable=True),
)
