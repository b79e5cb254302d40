"""Alterations of what the probes of copying observe."""

from tests.probes.mutation import CPYTHON, LINUX, child

MUTATIONS = (
    child(
        "copying.reading_objects",
        "fork",
        "    for thing in things[0]:\n",
        "    for thing in ():\n",
        "yes > no",
        only=CPYTHON,
    ),
    child(
        "copying.reading_bytes",
        "fork",
        "    sum(things[0])\n",
        '    things.append([bytearray(b"x") * (24 << 20)])\n',
        "no > yes",
        only=LINUX,
    ),
    child(
        "copying.reading_array",
        "fork",
        '    """Look at each number."""\n',
        '    things.append([bytearray(b"x") * (24 << 20)])\n',
        "no > yes",
        only=LINUX,
    ),
    child("copying.collecting", "fork", "    gc.collect()\n", "    pass\n", "yes > no", only=CPYTHON),
    child("copying.collecting_frozen", "fork", "    gc.freeze()\n", "", "no > yes", only=CPYTHON),
)
