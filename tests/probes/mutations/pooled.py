"""Alterations of what the probes of pooled observe."""

from tests.probes.mutation import child

MUTATIONS = (
    child(
        "pooled.late_environment",
        "fork",
        '    return os.environ.get("CANIFORK_POOLED", "")\n',
        '    return "late"\n',
        "no > yes",
    ),
    child(
        "pooled.executor_environment",
        "spawn",
        '    return os.environ.get("CANIFORK_POOLED", "")\n',
        '    return ""\n',
        "yes > no",
    ),
    child(
        "pooled.late_folder", "fork", "    return os.path.realpath(os.getcwd())\n", "    return os.sep\n", "no > error"
    ),
    child(
        "pooled.context_of_submit",
        "fork",
        "    return context_variable().get()\n",
        "    import time\n\n    return str(time.monotonic())\n",
        "no > error",
    ),
    child(
        "pooled.context_of_pool", "fork", "    return context_variable().get()\n", '    return "unset"\n', "yes > no"
    ),
    child("pooled.set_by_initializer", "spawn", "    given.append(thing)\n", "    given.append(0)\n", "yes > error"),
    child("pooled.queue_in_initargs", "spawn", "    given.append(thing)\n", "    given.append(0)\n", "yes > error"),
    child(
        "pooled.random_numbers",
        "fork",
        "    return [random.random(), os.getpid()]\n",
        "    return [0.5, os.getpid()]\n",
        "no > yes",
    ),
    child(
        "pooled.several_threads",
        "fork",
        "    return 2 * number\n",
        "    return number\n",
        "yes > error",
        file="_tasks.py",
    ),
    child("pooled.input_in_task", "fork", "        return input()\n", '        return "text"\n', "'EOFError' > error"),
)
