"""What several themes do with blocks of shared memory."""

import os

from _probe import Unavailable, describe, processes, wait_until


def shared_memory():
    """The class; Unavailable where the interpreter has no shared memory."""
    try:
        from multiprocessing.shared_memory import SharedMemory
    except ImportError as error:
        raise Unavailable(describe(error)) from error
    return SharedMemory


def own_name(suffix=""):
    """A name for a block that nobody else uses; macOS takes 30 characters at most."""
    return "cf%d%s" % (os.getpid(), suffix)


def exists(name):
    """Whether there is a block of this name. Looking must not change its fate: it is not left tracked."""
    shared_memory()
    try:
        import _posixshmem
    except ImportError:
        return exists_on_windows(name)
    try:
        descriptor = _posixshmem.shm_open("/" + name, os.O_RDWR, mode=0o600)
    except FileNotFoundError:
        return False
    os.close(descriptor)
    return True


def exists_on_windows(name):
    """There, a block ends with its last handle, and nothing tracks it."""
    try:
        shared_memory()(name).close()
    except FileNotFoundError:
        return False
    return True


def remove(name):
    """Remove a block, if it is there."""
    try:
        import _posixshmem

        _posixshmem.shm_unlink("/" + name)
    except (ImportError, FileNotFoundError):
        pass


def tracker_of_child():
    """The pid of the resource tracker that this child uses, None where there is none."""
    if os.name == "nt":
        return None
    from multiprocessing.resource_tracker import _resource_tracker

    return _resource_tracker._pid


def let_end(tracker):
    """Wait until a child's resource tracker has done its work, unless it is the parent's: that goes on."""
    if tracker and processes().get(tracker, (os.getpid(),))[0] != os.getpid():
        if not wait_until(lambda: tracker not in processes()):
            raise RuntimeError("the child's resource tracker does not end")


def end_block(block):
    """Close and remove a block of ours, whatever has become of it."""
    block.close()
    try:
        block.unlink()
    except FileNotFoundError:
        pass


def forget(name):
    """Tell our resource tracker that a block is gone that a child has reported to it."""
    if os.name == "nt":
        return
    from multiprocessing import resource_tracker

    resource_tracker.register("/" + name, "shared_memory")
    resource_tracker.unregister("/" + name, "shared_memory")
