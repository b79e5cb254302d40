"""Alterations of what the probes of library observe."""

from tests.probes.mutation import child

MUTATIONS = (
    child("library.compiled_regex", "spawn", 'pattern.match("aab").group()', "pattern.pattern", "yes > error"),
)
