"""The path to what cannot be pickled, as the user wrote it."""

from __future__ import annotations

import functools
import importlib.util
import multiprocessing
import pickle
import queue
import threading
from types import ModuleType
from typing import Any

import pytest

from matrix.trial.injection import INJECT


def injected(name: str) -> ModuleType:
    """A module that is injected; its folder is never on sys.path."""
    spec = importlib.util.spec_from_file_location(name, INJECT / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


UNPICKLABLE = injected("_canifork_unpicklable")


def dump(obj: object, file: Any) -> None:
    """As the library pickles, without its reducers."""
    pickle.Pickler(file).dump(obj)


def function(*args: object, **kwargs: object) -> None:
    """A target."""


class App:
    """An object with a lock, deep inside."""

    def __init__(self) -> None:
        self.name = "app"
        self.session = {"user": 1, "lock": threading.Lock()}

    def work(self) -> None:
        """A target."""


class Slots:
    """An object without a dictionary."""

    __slots__ = ("lock", "name")

    def __init__(self) -> None:
        self.name, self.lock = "", threading.Lock()


class Worker(multiprocessing.Process):
    """A subclass that keeps what it needs in itself."""

    def __init__(self) -> None:
        super().__init__()
        self.callbacks = [function, lambda: None]


class Circle:
    """An object that holds itself, and a lock behind that."""

    def __init__(self) -> None:
        self.own, self.lock = self, threading.Lock()


class Cached:
    """An object whose method goes through a cache, which pickles by its name: as a local one, not at all."""

    def __init__(self) -> None:
        self.read = functools.lru_cache(lambda key: key)

    def work(self) -> None:
        """A target."""


class Described:
    """An object that says itself what of it is pickled."""

    def __init__(self) -> None:
        self.dropped, self.kept = threading.Lock(), {"lock": threading.Lock()}

    def __getstate__(self) -> dict[str, object]:
        return {"kept": self.kept}


class Decorated:
    """A callable object that looks like a function, as functools.update_wrapper makes it."""

    def __init__(self, function: Any) -> None:
        functools.update_wrapper(self, function)

    def __reduce__(self) -> str:
        return "nowhere"


def process(**options: Any) -> multiprocessing.Process:
    """A process that is not started."""
    return multiprocessing.Process(**options)


@pytest.mark.parametrize(
    ("made", "path"),
    [
        (process(target=App().work), "self.session['lock']"),
        (process(target=function, args=(1, {"key": threading.Lock()})), "args[1]['key']"),
        (process(target=function, kwargs={"app": App()}), "kwargs['app'].session['lock']"),
        (process(target=functools.partial(function, 1, key=lambda: 1)), "target.keywords['key']"),
        (process(target=functools.partial(function, threading.Lock())), "target.args[0]"),
        (process(target=lambda: None), "target"),
        (process(target=function, args=(Slots(),)), "args[0].lock"),
        (process(target=function, args=(Circle(),)), "args[0].lock"),
        (Worker(), "self.callbacks[1]"),
        (process(target=Cached().work), "self.read"),
        (process(target=function, args=(Described(),)), "args[0].kept['lock']"),
        (process(target=Decorated(lambda: None)), "target"),
        (process(target=function, args=(1,)), ""),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_the_part_that_cannot_be_pickled(made: multiprocessing.Process, path: str) -> None:
    del made._config  # type: ignore[attr-defined]  # the authentication key: picklable only while a process is started
    assert UNPICKLABLE.find(made, dump)[0] == path


def test_the_classes_on_the_way_are_told() -> None:
    made = process(target=function, args=(queue.PriorityQueue(), App()))
    del made._config  # type: ignore[attr-defined]
    path, classes = UNPICKLABLE.find(made, dump)
    assert path == "args[0].mutex"
    assert classes == ["queue.PriorityQueue", "queue.Queue", "_thread.lock"]


def test_the_search_is_bounded() -> None:
    deep: list[object] = [threading.Lock()]
    for _ in range(50):
        deep = [deep]
    assert UNPICKLABLE.find(deep, dump)[0] == "self" + "[0]" * UNPICKLABLE.MOST_LEVELS
