"""A run: the plan executed, attempts classified and retried, verdicts written."""
