"""What a traceback means: the questions that were measured about it."""

from matrix.explain.engine import explain, explain_difference, probe_command
from matrix.explain.explanation import Evidence, Explanation

__all__ = ["Evidence", "Explanation", "explain", "explain_difference", "probe_command"]
