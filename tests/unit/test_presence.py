"""Who else holds the folder: known from the system alone, and forgotten with the process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from matrix.system.presence import Presence
from tests.conftest import ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="locks of descriptors")

HOLDS = """
import sys
from pathlib import Path
from matrix.system.presence import Presence
presence = Presence(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_two_are_not_alone_and_the_rest_is_again(tmp_path: Path) -> None:
    first = Presence(tmp_path)
    assert first.alone()
    second = Presence(tmp_path)
    assert not first.alone()
    assert not second.alone()
    second.close()
    assert first.alone()
    list(tmp_path.iterdir())  # whoever opens and closes the folder does not drop the lock
    third = Presence(tmp_path)
    assert not third.alone()
    third.close()
    first.close()


def test_a_run_that_is_killed_is_forgotten(tmp_path: Path) -> None:
    presence = Presence(tmp_path)
    other = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(tmp_path)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert other.stdout
    assert other.stdin
    assert other.stdout.readline() == b"held\n"
    assert not presence.alone()
    other.kill()
    other.communicate()
    assert presence.alone()
    presence.close()


def test_what_cannot_be_locked_is_never_alone(tmp_path: Path) -> None:
    assert not Presence(tmp_path / "missing").alone()
