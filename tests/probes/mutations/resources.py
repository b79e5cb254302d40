"""Alterations of what the probes of resources observe."""

from tests.probes.mutation import child

MUTATIONS = (
    child(
        "resources.tls_connection",
        "fork",
        "can_use(ctx, sends, client)",
        "yes() if sends(client) else None",
        "no > yes",
    ),
    child(
        "resources.file_descriptor",
        "fork",
        "        return os.read(number, 5)",
        "        os.close(number)\n        return os.read(number, 5)",
        "yes > no",
    ),
)
