"""What a program's source is seen to do that matters to start methods. Pure."""

from __future__ import annotations

import ast
import sys
from collections.abc import Collection, Iterator
from functools import lru_cache

LATE_GLOBAL, LATE_IN_TASKS = "late global", "late global in tasks"
CLASS_ATTRIBUTE, TOP_LEVEL, START_AT_IMPORT = "class attribute", "top-level code", "start at import"
MONKEYPATCH, OBJECT_STATE = "monkeypatch", "object state"
SHAPES = (LATE_GLOBAL, LATE_IN_TASKS, OBJECT_STATE, CLASS_ATTRIBUTE, MONKEYPATCH, TOP_LEVEL, START_AT_IMPORT)

_STARTERS = frozenset({"Process", "Pool", "ProcessPoolExecutor", "Manager"})
_FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef
_POOLS = frozenset({"Pool", "ProcessPoolExecutor"})
_MUTATORS = frozenset({"append", "add", "update", "extend", "insert", "setdefault", "pop", "clear", "remove"})


@lru_cache(maxsize=64)
def shapes(text: str) -> frozenset[str]:
    """Those of SHAPES that a module's source has; none if it is no Python of ours."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return frozenset()
    return frozenset(_shapes(tree))


def _shapes(tree: ast.Module) -> Iterator[str]:
    called = {_name(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    functions = [node for node in ast.walk(tree) if isinstance(node, _FUNCTION)]
    late = _late(tree, functions)
    if any(_reads(function, late) for function in functions if function not in _guarded(tree)):
        yield LATE_GLOBAL
        if called & _POOLS:
            yield LATE_IN_TASKS
    if any(_users(name, tree) > 1 for name in _stateful(tree)):
        yield OBJECT_STATE
    classes = {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
    if classes & {_owner(target) for target in _targets(tree)}:
        yield CLASS_ATTRIBUTE
    late_parts = [*functions, *(node for node in tree.body if _guard(node))]
    if any(_is_patch(target, tree) for part in late_parts for target in _targets(part)):
        yield MONKEYPATCH
    top = [node for node in tree.body if not _guard(node)]
    if any(isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) for node in top):
        yield TOP_LEVEL
    if any(_name(call.func) in _STARTERS for node in top for call in _calls_now(node)):
        yield START_AT_IMPORT


def _stateful(tree: ast.Module) -> Iterator[str]:
    """Globals that are objects of the module's own classes, with methods that change what the object holds."""
    classes = {node.name for node in tree.body if isinstance(node, ast.ClassDef) and any(map(_is_changer, node.body))}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and _name(node.value.func) in classes:
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))


def _is_changer(node: ast.stmt) -> bool:
    """Whether a part of a class is a method that sets, or changes in place, an attribute of its object."""
    if not isinstance(node, _FUNCTION) or node.name.startswith("__"):
        return False
    parts = [*_targets(node)]
    parts += [call.func.value for call in ast.walk(node) if isinstance(call, ast.Call)
              and isinstance(call.func, ast.Attribute) and call.func.attr in _MUTATORS]  # fmt: skip
    return any(_root(part) == "self" for part in parts)


def _root(target: ast.expr) -> str:
    """'self' of `self.items[0]`; '' of a plain name, which is no part of anything."""
    inner = target
    while isinstance(inner, ast.Attribute | ast.Subscript):
        inner = inner.value
    return inner.id if isinstance(inner, ast.Name) and inner is not target else ""


def _users(name: str, tree: ast.Module) -> int:
    """How many functions, and main guards, call a method of a global."""
    parts = [node for node in tree.body if isinstance(node, _FUNCTION) or _guard(node)]
    return sum(any(isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _root(node.func) == name
                   for node in ast.walk(part)) for part in parts)  # fmt: skip


def _guarded(tree: ast.Module) -> Collection[ast.AST]:
    """Functions that are defined under the main guard: a child that imports the script has none of them."""
    return [node for one in tree.body if _guard(one) for node in ast.walk(one) if isinstance(node, _FUNCTION)]


def _late(tree: ast.Module, functions: Collection[ast.FunctionDef | ast.AsyncFunctionDef]) -> frozenset[str]:
    """Globals that are set, or changed in place, when the module has been imported already."""
    own = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and _at_top(node, tree)}
    own |= set(_imported(tree))
    found = {name for f in functions for node in ast.walk(f) if isinstance(node, ast.Global) for name in node.names}
    for function in functions:
        local = {arg.arg for arg in ast.walk(function.args) if isinstance(arg, ast.arg)}
        changed = (*_changed(function), *_advanced(function))
        found |= {name for name in changed if name in own and name not in local}
    for node in tree.body:
        if _guard(node):
            found |= {target.id for target in _targets(node) if isinstance(target, ast.Name)}
            found |= {name for name in _changed(node) if name in own}
    return frozenset(found)


def _imported(tree: ast.Module, *, library: bool = False) -> Iterator[str]:
    """The names that a module imports: those of the library, or all others."""
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                name = node.module if isinstance(node, ast.ImportFrom) else alias.name
                if ((name or "").partition(".")[0] in sys.stdlib_module_names) is library:
                    yield (alias.asname or alias.name).partition(".")[0]


_SETTINGS = frozenset({"sys", "os", "multiprocessing"})
"""Modules whose attributes are set to configure them: signs of their own tell of that."""


def _is_patch(target: ast.expr, tree: ast.Module) -> bool:
    """Whether an assignment changes the library, `logging.Logger.verbose`, or a class of another module."""
    path: list[str] = []
    while isinstance(target, ast.Attribute):
        path.append(target.attr)
        target = target.value
    if not isinstance(target, ast.Name) or not path or target.id in _SETTINGS:
        return False
    other = len(path) > 1 and path[-1][:1].isupper() and target.id in _imported(tree)
    return other or target.id in _imported(tree, library=True)


def _at_top(name: ast.Name, tree: ast.Module) -> bool:
    assigned = (node for node in tree.body if isinstance(node, ast.Assign | ast.AnnAssign))
    return any(name is target for node in assigned for target in _targets(node))


def _changed(function: ast.AST) -> Iterator[str]:
    """Names whose items or attributes are set, or whose method that changes them is called."""
    for target in _targets(function):
        if isinstance(target, ast.Subscript | ast.Attribute) and isinstance(target.value, ast.Name):
            yield target.value.id
    for node in ast.walk(function):
        called = node.func if isinstance(node, ast.Call) else None
        if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name) and called.attr in _MUTATORS:
            yield called.value.id


def _advanced(function: ast.AST) -> Iterator[str]:
    """Names of iterators whose next item is taken: that reads them and changes them."""
    for node in ast.walk(function):
        if (
            isinstance(node, ast.Call)
            and _name(node.func) == "next"
            and node.args
            and isinstance(node.args[0], ast.Name)
        ):
            yield node.args[0].id


def _reads(function: ast.FunctionDef | ast.AsyncFunctionDef, names: frozenset[str]) -> bool:
    """Whether a function reads one of some globals that it does not set itself."""
    own = {name for node in ast.walk(function) if isinstance(node, ast.Global) for name in node.names}
    own |= {target.id for target in _targets(function) if isinstance(target, ast.Name)}
    own |= {arg.arg for arg in ast.walk(function) if isinstance(arg, ast.arg)}
    changed = {*_changed(function)}
    return (
        any(
            isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in names - own
            for node in ast.walk(function)
        )
        and not changed >= names - own
    )


def _targets(tree: ast.AST) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            yield from node.targets
        elif isinstance(node, ast.AugAssign | ast.AnnAssign):
            yield node.target


def _owner(target: ast.expr) -> str:
    """'Settings' of `Settings.level = 3`."""
    return target.value.id if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) else ""


def _guard(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and "__name__" in {n.id for n in ast.walk(node.test) if isinstance(n, ast.Name)}


def _calls_now(node: ast.stmt) -> Iterator[ast.Call]:
    """Calls that a statement makes at once, not those of the functions and classes that it defines."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return
    yield from (part for part in ast.walk(node) if isinstance(part, ast.Call))


def _name(function: ast.expr) -> str:
    """'Pool' of `Pool(…)` and of `context.Pool(…)`."""
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""
