"""The skeleton of a new probe. Pure."""

from __future__ import annotations

import builtins
import keyword
import re
import sys

from matrix.errors import UsageError

_NAME = re.compile(r"[a-z][a-z0-9_]*")

MAX_ID = 100
"""Characters of a probe's ID that run files take."""

_USED = {"question", "raise_unexpected", "run_child", "value"}

_DEVICES = {"aux", "con", "nul", "prn", *(f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10))}
"""What Windows takes for a device, whatever follows the name."""

_START = '\n\nif __name__ == "__main__":\n'

END = _START + "    main()\n"
"""How a probe script ends."""

_THEME = '''"""What happens to … in a child?"""

from _probe import main, question, raise_unexpected, run_child, value
'''

_QUESTION = """

@question(
    "What does a child … ?",  # one sentence in a user's words: Can …, Does …, What is …
    why="Why it matters to somebody whose program stopped working.",
    do="What to do about it: a concrete workaround.",
    source="https://docs.python.org/3/library/multiprocessing.html",  # the section that documents it
    documented={{}},  # only what the document says: {{"fork": "yes", "*": "no"}}
    asked=(),  # error messages and phrases that people search for
)
def {name}(ctx):
    seen = run_child(ctx, {name}_in_child)
    if not seen.ok:
        raise_unexpected(ctx, seen)  # "no" has to be observed, too: check for the exception that you expect
    return value(seen.returned)


def {name}_in_child():
    return "what was seen"
"""


def add(probe: str, text: str | None) -> str:
    """The text of a theme's file with a new question at its end.

    probe is `theme.name`; text is the present content of the file, None if there is no file. The new question is
    complete: it runs and answers. Its text is a placeholder, and the tests refuse its ellipsis.
    Raises UsageError if the ID is malformed or taken.
    """
    theme, _, name = probe.partition(".")
    named = _NAME.fullmatch(theme) and _NAME.fullmatch(name) and not keyword.iskeyword(name)
    if not named or len(probe) > MAX_ID:
        raise UsageError(
            f"{probe[:MAX_ID]!r} is not a probe ID: write theme.name in lower case, as in queues.put_order."
        )
    if theme in sys.stdlib_module_names or theme in _DEVICES:
        raise UsageError(f"A theme {theme} would shadow a module or a device of that name: choose another name.")
    if hasattr(builtins, name) or name in _USED | {"main"}:
        raise UsageError(f"A function {name} would shadow one that probes use: choose another name.")
    question = _QUESTION.format(name=name)
    if text is None:
        return _THEME + question + END
    if re.search(rf"^(def|class) {name}\b|^(from|import) [^\n(]*(\([^)]*)?\b{name}\b", text, re.MULTILINE):
        raise UsageError(f"There is something called {name} in probes/{theme}.py already: choose another name.")
    body, start, end = text.rpartition(_START)
    if not start:
        raise UsageError(f"probes/{theme}.py does not end with a guarded call of main(): end it as other themes do.")
    return _with_imports(body.rstrip("\n") + "\n") + question + start + end


def _with_imports(text: str) -> str:
    """The text with what the skeleton uses added to its import from _probe."""
    found = re.search(r"^from _probe import (\([^)]*\)|[^\n]*)$", text, re.MULTILINE)
    if not found:
        raise UsageError("The theme has no line `from _probe import …`: write one, as the other themes do.")
    names = {name for name in re.split(r"[\s,()]+", found[1]) if name} | _USED
    line = "from _probe import " + ", ".join(sorted(names))
    if len(line) > 120:
        line = "from _probe import (\n" + "".join(f"    {name},\n" for name in sorted(names)) + ")"
    return text[: found.start()] + line + text[found.end() :]
