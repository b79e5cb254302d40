"""Alterations of what the probes of passing observe."""

from tests.probes.mutation import child, python

MUTATIONS = (
    # objects that are used in the child
    child("passing.asyncio_lock", "fork", "        async with lock:\n", "        if True:\n", "yes > error"),
    python("passing.popen", "fork", "import subprocess as s; s.Popen.poll = lambda self: None", "yes > error"),
    child("passing.standard_output", "fork", '    stream.write("written")\n', "", "yes > error"),
    child("passing.ctypes_number", "fork spawn", "number.value == 7", "number.value == 8", "yes > error"),
)
