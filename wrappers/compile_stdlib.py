"""Run by Pyodide: put its standard library, compiled, beside the one of the npm package: PACKAGE is the argument.

The package has source files only, and each start compiles a hundred of them: more than half of the time of a probe.
The sources stay in the archive, so that tracebacks show lines.
"""

import py_compile
import sys
import tempfile
import zipfile
from pathlib import Path


def main(package: Path) -> None:
    """Write PACKAGE/python_stdlib_compiled.zip, whole or not at all; pyodide.mjs takes it where it is."""
    goal = package / "python_stdlib_compiled.zip"
    part = goal.with_suffix(".part")
    inside = Path(tempfile.__file__).parent  # the archive as Python sees it: what tracebacks are to name
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(package / "python_stdlib.zip") as given:
        source, compiled = Path(folder, "module.py"), Path(folder, "module.pyc")
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as made:
            for name in given.namelist():
                data = given.read(name)
                made.writestr(name, data)
                if not name.endswith(".py"):
                    continue
                source.write_bytes(data)
                try:
                    py_compile.compile(str(source), str(compiled), str(inside / name), True, invalidation_mode=mode)
                except py_compile.PyCompileError:
                    continue  # bad on purpose: a test's
                made.write(compiled, name + "c")
    part.replace(goal)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
