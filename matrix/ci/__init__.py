"""CI: lanes, run files of strangers, the archive, regressions, summaries in Markdown."""
