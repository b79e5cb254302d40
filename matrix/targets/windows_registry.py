"""Windows only: the installations that the registry names, as PEP 514 has it."""

from __future__ import annotations

import sys
import winreg
from collections.abc import Iterator

assert sys.platform == "win32"  # tells the type checker, too

_ROOT = "Software\\Python"


def folders() -> Iterator[str]:
    """The folder of each installation: of this user, then of all users, 64 bits first."""
    for hive, view in (
        (winreg.HKEY_CURRENT_USER, 0),
        (winreg.HKEY_LOCAL_MACHINE, winreg.KEY_WOW64_64KEY),
        (winreg.HKEY_LOCAL_MACHINE, winreg.KEY_WOW64_32KEY),
    ):
        access = winreg.KEY_READ | view
        for company in _names(hive, access, _ROOT):
            if company == "PyLauncher":  # keeps its own settings there
                continue
            for tag in _names(hive, access, f"{_ROOT}\\{company}"):
                folder = _default(hive, access, f"{_ROOT}\\{company}\\{tag}\\InstallPath")
                if folder:
                    yield folder.rstrip("\\")


def _names(hive: int, access: int, path: str) -> list[str]:
    try:
        with winreg.OpenKeyEx(hive, path, 0, access) as key:
            return [winreg.EnumKey(key, number) for number in range(winreg.QueryInfoKey(key)[0])]
    except OSError:
        return []


def _default(hive: int, access: int, path: str) -> str:
    try:
        with winreg.OpenKeyEx(hive, path, 0, access) as key:
            text = winreg.QueryValueEx(key, "")[0]
    except OSError:
        return ""
    return text if isinstance(text, str) else ""
