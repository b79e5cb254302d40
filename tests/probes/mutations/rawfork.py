"""Alterations of what the probes of rawfork observe."""

from tests.probes.mutation import child

MUTATIONS = (
    child(
        "rawfork.printing",
        "none",
        '    sys.stdout.buffer.write(b"y")\n',
        '    open(os.devnull, "wb").write(b"y")\n',
        "no > yes",
    ),
)
