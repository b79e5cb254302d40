"""What probes/helpers.py makes of a list of processes."""

from __future__ import annotations

import subprocess
import sys

from tests.conftest import ROOT

CODE = """
import os, sys
sys.path.insert(0, sys.argv[1])
import helpers
me, own = os.getpid(), "python helpers.py helper_of_lock forkserver"
looks = [own, "", "python -c from multiprocessing.resource_tracker import main"]
helpers.processes = lambda: {me: (1, own), me + 1: (me, looks.pop(0)), me + 2: (1, "forkserver of somebody else")}
print(helpers.helpers(), looks)
"""


def test_a_helper_on_its_way_to_be_one_is_waited_for() -> None:
    """PyPy, and CPython where it cannot vfork: seen once in some hundred runs, as 'forkserver', and as no tracker."""
    ran = subprocess.run(
        [sys.executable, "-c", CODE, str(ROOT / "probes")],
        capture_output=True,
        encoding="utf-8",
        check=True,
        timeout=60,
    )
    assert ran.stdout.split() == ["['resource_tracker']", "[]"]
