"""Files: run files and matrix.json, read as hostile, written whole."""
