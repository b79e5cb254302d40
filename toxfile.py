"""tox's hooks: the runner works in tox's own environment, and interpreters off the PATH are found."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tox.config.sets import EnvConfigSet
from tox.plugin import impl
from tox.session.state import State

sys.path.insert(0, str(Path(__file__).resolve().parent))  # tox loads this file by path

from matrix.targets import discovery  # standard library only

# tox and uv search the PATH, where version managers have shims that fail, or nothing at all.
os.environ["PATH"] = os.pathsep.join(
    [*dict.fromkeys(str(paths[0].parent) for paths in discovery.find().values()), os.environ.get("PATH", "")]
)
# A missing one is skipped at once instead of after an attempt to download it; set it to "automatic" to get them.
os.environ.setdefault("UV_PYTHON_DOWNLOADS", "never")


@impl
def tox_add_env_config(env_conf: EnvConfigSet, state: State) -> None:
    """`{host_python}` in commands: the interpreter with the packages that [tool.tox] requires."""
    env_conf.add_constant("host_python", "the interpreter that runs tox", sys.executable)
