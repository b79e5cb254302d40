"""Alterations of what the probes of semantics observe."""

from tests.probes.mutation import child

MUTATIONS = (
    child(
        "semantics.parent_global_seen", "fork", 'return [setting == "changed"', 'return [setting == "other"', "yes > no"
    ),
    child(
        "semantics.change_after_start",
        "spawn",
        "    return last_number(things)\n",
        "    return last_number([2])\n",
        "no > yes",
    ),
)
