"""A module whose import waits, in the process that has put a gate there."""

import sys

gate = sys.modules.get("safety_gate")
if gate is not None:
    gate.entered.set()
    gate.opened.wait()
