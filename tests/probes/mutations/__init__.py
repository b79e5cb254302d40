"""The rows of all themes: a file for each theme of probes/."""

import importlib
import pkgutil

from tests.probes.mutation import Mutation

ROWS: dict[str, tuple[Mutation, ...]] = {
    theme.name: importlib.import_module(f"{__name__}.{theme.name}").MUTATIONS
    for theme in pkgutil.iter_modules(__path__)
}
"""Theme -> its rows."""

MUTATIONS = tuple(row for rows in ROWS.values() for row in rows)
