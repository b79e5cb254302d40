"""Alterations of what the probes of objects observe."""

from tests.probes.mutation import PICKLE_LOCK, child, python

MUTATIONS = (
    python("objects.instance_with_lock", "spawn", PICKLE_LOCK, "no > yes"),
    child("objects.local_class_instance", "fork", "    return thing.x == 7", "    return thing.x == 8", "yes > error"),
)
