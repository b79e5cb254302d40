"""Alterations of what the probes of classes observe."""

from tests.probes.mutation import child

MUTATIONS = (
    child(
        "classes.private_method",
        "spawn",
        "        return self.__note\n",
        "        return self.note\n\n    def note(self, report):\n        answer(report)\n",
        "no > yes",
    ),
    child("classes.super_method", "spawn", "        return super().work\n", "        return Base().work\n", "no > yes"),
    child("classes.async_function", "fork", "async def coroutine", "def coroutine", "no > yes"),
    child("classes.async_function", "spawn", "async def coroutine(report):", "def coroutine(report, _):", "no > error"),
    child(
        "classes.frozen_with_slots",
        "spawn",
        '    __slots__ = ("number",)\n',
        "",
        "no > yes",
        file="assets/classes_frozen.py",
    ),
    child(
        "classes.exception_traceback", "fork", "return [error.__traceback__ is not None", "return [False", "yes > error"
    ),
    child("classes.nested_class", "fork spawn", "            return 42\n", "            return 41\n", "yes > error"),
    child("classes.private_nested_class", "fork", "            return 42\n", "            return 41\n", "yes > error"),
    child("classes.reloaded_module", "spawn", "    importlib.reload(classes)\n", "", "no > error"),
    child("classes.lambda_as_default", "fork", "defaultdict(lambda: 42)", "defaultdict(lambda: 41)", "yes > error"),
    child(
        "classes.delegating_object",
        "spawn",
        "        return getattr(self.inner, name)",
        "        return getattr(self.inner, name) if name == 'answer' else object.__getattribute__(self, name)",
        "no > yes",
    ),
    child(
        "classes.generator_function",
        "fork spawn",
        "    answer(report)\n    yield\n",
        "    answer(report)\n",
        "no > yes",
    ),
    child(
        "classes.frozen_by_decorator",
        "spawn",
        "        def answer(self):\n            return self.number\n",
        "        def answer(self):\n            return self.number\n\n"
        "    del ByDecorator.__getstate__, ByDecorator.__setstate__\n",
        "yes > no",
        file="assets/classes_frozen.py",
    ),
)
