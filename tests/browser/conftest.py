"""The browser's tests use the matrix and the page reader of tests/report."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "report"))
