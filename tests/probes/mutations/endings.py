"""Alterations of what the probes of endings observe."""

from tests.probes.mutation import LINUX, child, python

MUTATIONS = (
    # what users of pools, managers and real launches ask
    child(
        "endings.pool_parent_killed",
        "fork",
        '    note(os.path.join(folder, "workers"), " ".join(map(str, workers)))\n',
        "    import subprocess, sys\n\n"
        '    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(30)"])\n'
        "    workers = [other.pid]\n"
        '    note(os.path.join(folder, "workers"), " ".join(map(str, workers)))\n',
        "yes > no",
        only=LINUX,
    ),
    child(
        "endings.pool_parent_terminated",
        "fork",
        '    note(os.path.join(folder, "workers"), " ".join(map(str, workers)))\n',
        "    import subprocess, sys\n\n"
        '    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(30)"])\n'
        "    workers = [other.pid]\n"
        '    note(os.path.join(folder, "workers"), " ".join(map(str, workers)))\n',
        "yes > no",
        only=LINUX,
    ),
    child(
        "endings.executor_parent_killed",
        "fork",
        '    note(os.path.join(folder, "workers"), " ".join(map(str, workers)))\n',
        '    kept.shutdown()\n    note(os.path.join(folder, "workers"), " ".join(map(str, workers)))\n',
        "no > yes",
        only=LINUX,
    ),
    child(
        "endings.executor_parent_terminated",
        "fork",
        '    note(os.path.join(folder, "workers"), " ".join(map(str, workers)))\n',
        '    kept.shutdown()\n    note(os.path.join(folder, "workers"), " ".join(map(str, workers)))\n',
        "no > yes",
        only=LINUX,
    ),
    child(
        "endings.manager_parent_terminated",
        "fork",
        '    note(os.path.join(folder, "workers"), " ".join(map(str, workers)))\n',
        '    kept.shutdown()\n    note(os.path.join(folder, "workers"), " ".join(map(str, workers)))\n',
        "no > yes",
        only=LINUX,
    ),
    child(
        "endings.interrupt_in_executor",
        "fork",
        "    os.kill(os.getpid(), signal.SIGINT)\n",
        "    raise ValueError\n",
        "'KeyboardInterrupt' > error",
    ),
    child(
        "endings.interrupt_idle_executor",
        "fork",
        "    signal.signal(signal.SIGINT, signal.default_int_handler)\n",
        "    signal.signal(signal.SIGINT, signal.SIG_IGN)\n",
        "no > error",
    ),
    child(
        "endings.interrupt_idle_pool",
        "fork",
        "    signal.signal(signal.SIGINT, signal.default_int_handler)\n",
        "    signal.signal(signal.SIGINT, signal.SIG_IGN)\n",
        "yes > error",
    ),
    child(
        "endings.interrupt_manager",
        "fork",
        "        interrupt(process.pid)\n",
        "        process.kill()\n        process.join()\n",
        "yes > no",
    ),
    child(
        "endings.interrupt_manager",
        "spawn",
        "        interrupt(process.pid)\n",
        "        process.terminate()\n",
        "yes > no",
    ),
    child(
        "endings.killed_idle_pool",
        "fork",
        "        pool._pool[0].kill()\n",
        "        pool._pool[0].kill()\n        lock.release()\n",
        "no > yes",
    ),
    child("endings.killed_idle_executor", "fork", "        pool._processes[worker].kill()\n", "", "yes > no"),
    child(
        "endings.terminate_with_handler",
        "fork",
        "    signal.signal(signal.SIGTERM, Noting(handled))\n",
        "    signal.signal(signal.SIGTERM, signal.SIG_DFL)\n",
        "no > yes",
    ),
    python(
        "endings.with_pool_queued",
        "fork",
        "import multiprocessing.pool as p; p.Pool.__exit__ = lambda self, *error: self.close()",
        "no > yes",
    ),
    python(
        "endings.close_and_join",
        "fork",
        "import multiprocessing.pool as p; p.Pool.close = p.Pool.terminate",
        "yes > no",
    ),
    child(
        "endings.with_executor_queued", "fork", '        file.write("run\\n")\n', '        file.write("")\n', "yes > no"
    ),
    child(
        "endings.exception_in_with", "fork", '        file.write("run\\n")\n', '        file.write("")\n', "yes > no"
    ),
    child(
        "endings.executor_at_end",
        "fork",
        '        file.write("run\\n")\n',
        '        file.write("")\n',
        "yes > no",
        file="assets/endings_open.py",
    ),
    child(
        "endings.pool_at_end",
        "fork",
        "        pool.apply_async(time.sleep, (LIMIT,))\n"
        "        tasks = [pool.apply_async(append, (path,)) for _ in range(3)]\n",
        "        tasks = [pool.apply_async(append, (path,)) for _ in range(3)]\n"
        "        [task.get() for task in tasks]\n",
        "no > yes",
        file="assets/endings_open.py",
    ),
    child(
        "endings.manager_killed",
        "fork",
        "    manager._process.kill()\n    manager._process.join()\n",
        "",
        "'BrokenPipeError' > error",
    ),
)
