"""Mounts of one process alone, for probes that need another /dev or /tmp. Linux only."""

import os

from _probe import Unavailable, describe

CLONE_NEWNS, CLONE_NEWUSER = 0x20000, 0x10000000
MS_RDONLY, MS_REMOUNT, MS_BIND, MS_MOVE = 0x1, 0x20, 0x1000, 0x2000
MS_PRIVATE = 0x44000  # with MS_REC


def libc_call(name, *args):
    """Call a function of the C library; Unavailable where it fails or does not exist."""
    try:
        import ctypes

        failed = getattr(ctypes.CDLL(None, use_errno=True), name)(*args)
    except (ImportError, AttributeError, OSError) as error:
        raise Unavailable(describe(error)) from error
    if failed:
        raise Unavailable("%s() refuses: %s" % (name, os.strerror(ctypes.get_errno())))


def own_mounts():
    """Give this process, and those that it starts, mounts that no other process sees."""
    user, group = os.getuid(), os.getgid()
    try:
        libc_call("unshare", CLONE_NEWNS)
    except Unavailable:
        libc_call("unshare", CLONE_NEWNS | CLONE_NEWUSER)
        maps = {"setgroups": "deny", "uid_map": "%d %d 1" % (user, user), "gid_map": "%d %d 1" % (group, group)}
        for name, text in maps.items():  # it stays who it is
            with open("/proc/self/" + name, "w") as file:
                file.write(text)
    libc_call("mount", None, b"/", None, MS_PRIVATE, None)
