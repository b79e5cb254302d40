"""Bytes that unknown programs have printed, as text."""

from __future__ import annotations


def printable(data: bytes) -> str:
    """Any bytes as text that is safe to show: no control characters but newline and tab, nothing undecodable."""
    text = data.decode("utf-8", "backslashreplace").replace("\r\n", "\n")
    return "".join(c if c in "\n\t" or c.isprintable() else c.encode("unicode_escape").decode() for c in text)
