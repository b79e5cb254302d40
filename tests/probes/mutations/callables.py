"""Alterations of what the probes of callables observe."""

from tests.probes.mutation import child, python

MUTATIONS = (
    child(
        "callables.lambda_target",
        "fork",
        "lambda report: answer(report))",
        "lambda report: answer(report, 0))",
        "yes > error",
    ),
    child("callables.lambda_argument", "fork", "call, lambda: True)", "call, lambda: 0)", "yes > error"),
    child(
        "callables.module_lambda",
        "fork",
        "named_lambda = lambda report: answer(report)",
        "named_lambda = lambda report: answer(report, 0)",
        "yes > error",
    ),
    child(
        "callables.nested_function",
        "fork",
        "    def inner(report):\n        answer(report)",
        "    def inner(report):\n        answer(report, 0)",
        "yes > error",
    ),
    child("callables.bound_method", "fork spawn", 'self.secret == "secret"', "self.secret == 0", "yes > error"),
    child("callables.bound_method_with_lock", "fork", 'self.secret == "secret"', "self.secret == 0", "yes > error"),
    child("callables.bound_method_with_lock", "spawn", "self.lock = threading.Lock()", "self.lock = None", "no > yes"),
    child(
        "callables.callable_instance",
        "fork spawn",
        "        self.run(report)\n",
        "        answer(report, 0)\n",
        "yes > error",
    ),
    child(
        "callables.static_method",
        "fork spawn",
        '"""A static method."""\n        answer(report)',
        '"""A static method."""\n        answer(report, 0)',
        "yes > error",
    ),
    child("callables.class_method", "fork spawn", "cls is Worker", "cls is None", "yes > error"),
    child("callables.partial", "fork spawn", "left + right == 3", "left + right == 4", "yes > error"),
    child("callables.partial_of_lambda", "fork", "right == 2), right=2", "right == 3), right=2", "yes > error"),
    python("callables.builtin_function", "fork spawn", "import os; os.mkdir = os.fspath", "yes > error"),
    child("callables.decorated_function", "spawn", "\n@plain_decorator\n", "\n@wrapping_decorator\n", "no > yes"),
    child("callables.wrapped_function", "spawn", "\n@wrapping_decorator\n", "\n@plain_decorator\n", "yes > no"),
    child(
        "callables.cached_function",
        "fork spawn",
        '"""Target with a cache."""\n    answer(report)',
        '"""Target with a cache."""\n    answer(report, 0)',
        "yes > error",
    ),
    child("callables.shadowed_function", "spawn", "wrapping_decorator(original))", "original)", "no > yes"),
    child("callables.function_of_loaded_file", "fork", "    return True\\n", "    return 0\\n", "yes > error"),
)
