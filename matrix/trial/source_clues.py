"""What the project's own source tells, where no exception does: a program that patches, logs or seeds, and then starts.

A clue only proposes questions; that one was answered differently under the two methods is for the caller to see. Pure.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Clue:
    """What stands in a source, and the questions that it leads to, the best first. line is counted from 1."""

    found: str
    line: int
    questions: tuple[str, ...]


_CLUES = (
    (r"QueueListener|QueueHandler", ("threads.go_on", "handles.queue_handler")),
    (
        r"\bmock\.patch|\bpatch\.(object|dict)|\bmonkeypatch\.(setattr|setitem)|@patch\(",
        ("semantics.monkeypatch_seen",),
    ),
    (r"\b(basicConfig|dictConfig|fileConfig|addHandler|setLevel)\(", ("state.logging_configuration",)),
    (r"\b(simplefilter|filterwarnings)\(", ("state.warnings_filter",)),
    (r"\bContextVar\(", ("state.context_variable",)),
    (r"\bthreading\.local\(", ("state.thread_local",)),
    (r"\bsetlocale\(", ("state.locale_setting",)),
    (r"\bsetrecursionlimit\(", ("state.recursion_limit",)),
    (r"\b(settrace|setprofile)\(", ("state.trace_function",)),
    (r"\bsetswitchinterval\(", ("state.switch_interval",)),
    (r"\bgc\.(disable|freeze)\(", ("state.garbage_collector",)),
    (r"\bgetcontext\(\)\.prec\b|\blocalcontext\(", ("state.decimal_precision",)),
    (r"\blru_cache\b|\bfunctools\.cache\b", ("semantics.cache_seen",)),
    (r"\bsys\.std(out|err) *=|\bredirect_std(out|err)\(", ("inheritance.replaced_stdout",)),
    (r"\bstd(out|err)\.reconfigure\(", ("printing.encoding_kept",)),
    (r"\bdup2\(", ("printing.redirected_late", "printing.redirected")),
    (r"smaps|\bmemory_(full_)?info\b|\bru_maxrss\b", ("cost.child_memory",)),
    (r"/proc/[^\n]*(cmdline|stat\b)|\.children\(|\bpstree\b|\bpgrep\b", ("forkserver.left_over", "forkserver.helpers")),
    (r"\bgetppid\(", ("inheritance.parent_pid",)),
    (r"\bregister_at_fork\(", ("safety.fork_hooks",)),
    (r"\batexit\.register\(", ("safety.child_atexit",)),
    (r"\bset_inheritable\(|\.fileno\(\)", ("resources.file_descriptor",)),
    (r"\bmmap\.mmap\(", ("resources.anonymous_map", "resources.memory_map")),
    (r"\bSSLContext\b|\bwrap_socket\(", ("resources.tls_connection",)),
    (r"\bhash\(", ("state.hash_seed",)),
)
_COMPILED = tuple((re.compile(pattern), questions) for pattern, questions in _CLUES)
_CHANGERS = frozenset({"append", "add", "extend", "update", "setdefault", "insert", "clear", "pop", "remove"})
GLOBALS = ("semantics.parent_global_seen", "semantics.class_attribute_seen")


def clues(source: str) -> Iterator[Clue]:
    """What a file's text tells, the more special first; that globals change at run time comes last."""
    for pattern, questions in _COMPILED:
        match = pattern.search(source)
        if match:
            line = source.count("\n", 0, match.start()) + 1
            yield Clue(found=match[0].strip("( "), line=line, questions=questions)
    changed = _changed_global(source)
    if changed:
        yield Clue(found=f"global {changed[0]}", line=changed[1], questions=GLOBALS)


def _changed_global(source: str) -> tuple[str, int] | None:
    """(name, line) of the first module's variable that is changed below the top level or under a main guard."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return None
    names = {name for node in tree.body for name in _assigned(node)}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.If | ast.With | ast.Try):
            for inner in ast.walk(node):
                name = _changes(inner)
                if name in names:
                    return name, getattr(inner, "lineno", 1)
    return None


def _assigned(node: ast.stmt) -> list[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _changes(node: ast.AST) -> str:
    """The name that a statement or call changes: `global X`, `X[…] = …`, `X.append(…)`."""
    if isinstance(node, ast.Global):
        return node.names[0]
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store) and isinstance(node.value, ast.Name):
        return node.value.id
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _CHANGERS:
        return node.func.value.id if isinstance(node.func.value, ast.Name) else ""
    return ""
