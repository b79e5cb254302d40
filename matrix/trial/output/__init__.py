"""One module for each form of a report; all are pure."""
