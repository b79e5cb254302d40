"""Reading what people paste: truth tables of formats."""

from __future__ import annotations

import pytest

from matrix.explain.clues import clues, scene
from matrix.explain.culprit import culprit
from matrix.explain.messages import shape
from matrix.explain.paste import Raised, parse
from matrix.explain.pickling import Carrier, pickled

BOOTSTRAPPING = """RuntimeError:
        An attempt has been made to start a new process before the
        current process has finished its bootstrapping phase.

        This probably means that you are not using fork"""


def last(text: str) -> Raised:
    return parse(text).raised[-1]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("_pickle.PicklingError: Can't pickle <x>", "PicklingError: Can't pickle <x>"),
        ("OUTCOME TypeError cannot pickle 'x' object", "TypeError: cannot pickle 'x' object"),
        ("FAILED test_a.py::test - TypeError: no", "TypeError: no"),
        ("x.py:3: DeprecationWarning: old", "DeprecationWarning: old"),
        ('Traceback (most recent call last):\n  File "a.py", line 1, in f\n    g()\nqueue.Empty', "Empty"),
        ('Traceback (most recent call last):\n  File "a.py", line 1, in f\n    g()\na.b.Odd: why', "Odd: why"),
        ("struct.error: bad", "error: bad"),
    ],
)
def test_an_exception_is_found(text: str, error: str) -> None:
    assert str(last(text)) == error


@pytest.mark.parametrize(
    "text",
    [
        "    raise ValueError(f'no {x}')",
        "    except KeyError:",
        "from a import BadError",
        "Errors happen",
        "A TypeErrorLike",
    ],
)
def test_source_and_prose_are_no_exceptions(text: str) -> None:
    assert parse(text).raised == ()


def test_a_message_goes_on_further_in() -> None:
    assert last(BOOTSTRAPPING).message.endswith("This probably means that you are not using fork")
    assert last("E   RuntimeError:\nE           An attempt\nE           again").message == "An attempt again"


FRAMES = {
    "plain": '  File "/usr/lib/python3.12/multiprocessing/process.py", line 121, in start',
    "Windows": '  File "C:\\Python\\Lib\\multiprocessing\\process.py", line 121, in start',
    "faulthandler": '  File "/usr/lib/python3.12/multiprocessing/process.py", line 121 in start',
    "pytest": "/usr/lib/python3.12/multiprocessing/process.py:121: in start",
    "rich": "│ /usr/lib/python3.12/multiprocessing/process.py:121 in start    │",
    "IPython": "File /usr/lib/python3.12/multiprocessing/process.py:121, in BaseProcess.start(self)",
    "py-spy": "    start (multiprocessing/process.py:121)",
}


@pytest.mark.parametrize("how", FRAMES)
def test_a_frame_is_found(how: str) -> None:
    (frame,) = parse(f"Thread 0x1 (most recent call first):\n{FRAMES[how]}\n").frames
    assert str(frame) == "multiprocessing.process:start"


@pytest.mark.parametrize(
    ("path", "module"),
    [
        ("/usr/lib/python3.12/concurrent/futures/process.py", "concurrent.futures.process"),
        ("/usr/lib/python3.12/logging/__init__.py", "logging"),
        ("/opt/x/lib/python3.9/site-packages/billiard/pool.py", "billiard.pool"),
        ("/home/me/venv/lib/python3.9/site-packages/django/apps/registry.py", "django.apps.registry"),
        ("<frozen runpy>", "runpy"),
        ("<stdin>", "stdin"),
        ("/home/me/app.py", "app"),
    ],
)
def test_a_frames_module(path: str, module: str) -> None:
    (one,) = parse(f'Traceback (most recent call last):\n  File "{path}", line 1, in f\nE: x').raised
    assert one.frames[0].module == module


def test_several_exceptions_keep_their_own_frames() -> None:
    text = (
        "multiprocessing.pool.RemoteTraceback: \n"
        '"""\nTraceback (most recent call last):\n'
        '  File "/usr/lib/python3.12/multiprocessing/pool.py", line 125, in worker\n'
        '    result = (True, func(*args, **kwds))\nNameError: name \'X\' is not defined\n"""\n\n'
        "The above exception was the direct cause of the following exception:\n\n"
        'Traceback (most recent call last):\n  File "/home/me/app.py", line 3, in main\n    f()\nValueError: no\n'
    )
    first, inner, outer = parse(text).raised
    assert (first.name, inner.name, outer.name) == ("RemoteTraceback", "NameError", "ValueError")
    assert [str(frame) for frame in inner.frames] == ["multiprocessing.pool:worker"]
    assert [str(frame) for frame in outer.frames] == ["app:main"]


def test_the_process_is_that_before_the_traceback() -> None:
    text = 'Process SpawnProcess-1:\nTraceback (most recent call last):\n  File "a.py", line 1, in f\nKeyError: 1'
    assert last(text).process == "SpawnProcess-1"
    assert scene(last(text), parse(text)).child


@pytest.mark.parametrize(
    ("text", "method", "series", "platform"),
    [
        ("Process ForkServerPoolWorker-3:", "forkserver", "", ""),
        ('File "/usr/lib/python3.12/multiprocessing/popen_fork.py", line 1, in f', "fork", "3.12", "linux"),
        ('File "/usr/lib/python3.9/multiprocessing/popen_spawn_posix.py", line 1, in f', "spawn", "3.9", "linux"),
        ('File "C:\\Python\\Python311\\Lib\\multiprocessing\\spawn.py", line 1, in f', "", "3.11", "windows"),
        ("/Library/Frameworks/Python.framework/Versions/3.13/lib/x.py", "", "3.13", "macos"),
        ("/home/me/tools/versions/3.10.13/bin/x", "", "3.10", "linux"),
        ("nothing", "", "", ""),
    ],
)
def test_what_a_text_tells_of_its_python(text: str, method: str, series: str, platform: str) -> None:
    seen = clues(parse(text))
    assert (seen.method, seen.series, seen.platform) == (method, series, platform)


PROCESS = ("multiprocessing.context.SpawnProcess state", "multiprocessing.context.SpawnProcess object")


@pytest.mark.parametrize(
    ("notes", "carrier", "path"),
    [
        ((), None, ""),
        (("dict item '_target'", *PROCESS), Carrier.TARGET, "target"),
        (("tuple item 0", "dict item '_args'", *PROCESS), Carrier.ARGUMENT, "args[0]"),
        (("list item 2", "dict item 'a'", "tuple item 0", "dict item '_args'", *PROCESS),
         Carrier.ARGUMENT, "args[0]['a'][2]"),
        (("dict item 'lock'", "C state", "C object", "dict item 'c'", "dict item '_kwargs'", *PROCESS),
         Carrier.INSTANCE, "kwargs['c'].lock"),
        (("dict item 'lock'", "C state", "C object", "tuple item 0", "method reconstructor arguments", "method object",
          "dict item '_target'", *PROCESS), Carrier.METHOD, "self.lock"),
        (("tuple item 0", "tuple item 1", "functools.partial reconstructor arguments", "functools.partial object",
          "dict item '_target'", *PROCESS), Carrier.PARTIAL, "target"),
        (("dict item 'lock'", "app.Worker state", "app.Worker object"), Carrier.SUBCLASS, "self.lock"),
        (("tuple item 0", "dict item 'args'", "concurrent.futures.process._CallItem state",
          "concurrent.futures.process._CallItem object"), Carrier.TASK, "args[0]"),
        (("tuple item 0", "tuple item 3"), Carrier.TASK, "args[0]"),
    ],
)  # fmt: skip
def test_what_pickles_notes_tell(notes: tuple[str, ...], carrier: Carrier | None, path: str) -> None:
    seen = pickled([f"when serializing {note}" for note in notes])
    assert (seen.carrier, seen.path) == (carrier, path)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("can't pickle _thread.lock objects", "cannot pickle '_thread.lock' object"),
        (
            "Can't pickle <function f at 0x7f01>: it's not found as a.f",
            "Can't pickle <function g at 0x1>: it's not found as b.g",
        ),
        (
            "Can't get attribute 'f' on <module '__main__' from 'a.py'>",
            "Can't get attribute 'g' on <module '__mp_main__' from 'b.py'>",
        ),
        ("'Foo' object has no attribute 'bar'. Did you mean: 'baz'?", "'A' object has no attribute 'b'"),
    ],
)
def test_messages_that_differ_by_names_have_one_frame(one: str, other: str) -> None:
    assert shape("E", one).frame == shape("E", other).frame


def test_an_error_number_is_no_name() -> None:
    assert shape("OSError", "[Errno 9] x 12").frame == "[errno 9] x #"


@pytest.mark.parametrize(
    ("message", "name"),
    [
        ("cannot pickle '_thread.lock' object", "_thread.lock"),
        ("Can't pickle local object <function main.<locals>.work at 0x7>", "main.<locals>.work"),
        ("Can't pickle local object 'main.<locals>.<lambda>'", "main.<locals>.<lambda>"),
        ("Can't get attribute 'f' on <module '__main__'>", "f"),
        ("name 'LETTERS' is not defined", "LETTERS"),
        ("something else", ""),
    ],
)
def test_the_culprit_of_a_message(message: str, name: str) -> None:
    assert culprit(Raised(name="E", message=message)) == name
