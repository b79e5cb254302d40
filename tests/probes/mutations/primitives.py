"""Alterations of what the probes of primitives observe."""

from tests.probes.mutation import child

MUTATIONS = (
    child(
        "primitives.lock", "spawn", "    lock.release()\n    return not taken", "    return not taken", "yes > error"
    ),
    child("primitives.semaphore", "fork", "    return semaphore.acquire(False)\n", "    return True\n", "yes > error"),
)
