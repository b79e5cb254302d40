"""Telling what will not come from what a busy machine has not brought yet."""

from _probe import LIMIT, wait_until

PATIENCE = LIMIT / 20  # seconds after which a process that is asleep is taken to stay so


def busy(process_id):
    """Whether a process runs, or would if the machine had time (Linux): no answer can be read from its silence then."""
    try:
        with open("/proc/%d/stat" % process_id, "rb") as file:
            state = file.read().rpartition(b")")[2].split()[0]
    except (OSError, IndexError):
        return False
    return state in (b"R", b"D")


def comes(condition, *process_ids):
    """Wait for a condition while one of these processes may still bring it about; its last value."""
    if not wait_until(condition, PATIENCE):
        wait_until(lambda: condition() or not any(map(busy, process_ids)), LIMIT)
    return condition()
