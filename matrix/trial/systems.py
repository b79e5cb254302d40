"""Names of operating systems: as Python tells them, as the matrix has them, and as people write them. Pure."""

from __future__ import annotations

_NAMES = {"darwin": "macos", "win32": "windows"}
_TITLES = {"linux": "Linux", "macos": "macOS", "windows": "Windows"}


def name(platform: str) -> str:
    """'windows' of sys.platform's 'win32'; the name itself if it is another one."""
    return _NAMES.get(platform, platform)


def title(platform: str) -> str:
    """A system as people write it: 'Windows' of 'win32' and of 'windows'; the name itself if it is another one."""
    return _TITLES.get(name(platform), name(platform))
