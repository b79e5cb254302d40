"""Alterations of what the probes of options observe."""

from tests.probes.mutation import child

MUTATIONS = (
    child(
        "options.unbuffered",
        "spawn",
        'getattr(sys.stdout, "write_through", False)',
        "True",
        "no > unavailable",
        file="assets/options_told.py",
    ),
)
