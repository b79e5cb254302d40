"""A program that replaces itself: the second one tells what is left of the first one's."""

import os
import sys
import time

LIMIT = 20


def wait_for(path):
    """The child: it runs until a file exists."""
    open(path + ".begun", "w").close()
    until(lambda: os.path.exists(path))


def until(condition):
    end = time.monotonic() + LIMIT
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)  # between two looks
    return condition()


def replace(kind, path, *args):
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, __file__, "second-" + kind, path] + list(args))


def child(path):
    import multiprocessing

    ctx = multiprocessing.get_context(os.environ["CANIFORK_METHOD"])
    process = ctx.Process(target=wait_for, args=(path,), daemon=True)
    process.start()
    if not until(lambda: os.path.exists(path + ".begun")):
        raise SystemExit("the child does not begin")
    helpers = []
    if ctx.get_start_method() == "forkserver":
        from multiprocessing.forkserver import _forkserver

        helpers.append(str(_forkserver._forkserver_pid))
    replace("child", path, str(process.pid), *helpers)


def second_child(path, pid, *helpers):
    for helper in helpers:  # the fork server ends when its program is gone; what it does then has to be done
        os.waitpid(int(helper), 0)
    print("alive" if runs(int(pid)) else "ended")
    open(path, "w").close()


def runs(pid):
    """Whether a process is there that is no zombie of ours."""
    try:
        if os.waitpid(pid, os.WNOHANG)[0] == pid:
            return False
    except ChildProcessError:  # a child of the fork server
        pass
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def block(path):
    from multiprocessing.resource_tracker import _resource_tracker
    from multiprocessing.shared_memory import SharedMemory

    made = SharedMemory(create=True, size=16)
    replace("block", path, made.name, str(_resource_tracker._pid))


def second_block(path, name, tracker):
    import _posixshmem

    os.waitpid(int(tracker), 0)
    try:
        os.close(_posixshmem.shm_open("/" + name, os.O_RDWR, mode=0o600))
    except FileNotFoundError:
        print("removed")
    else:
        _posixshmem.shm_unlink("/" + name)
        print("there")


if __name__ == "__main__":
    kinds = {"child": child, "second-child": second_child, "block": block, "second-block": second_block}
    kinds[sys.argv[1]](*sys.argv[2:])
