"""Whole texts: the right question first, however the text is wrapped; and none where nothing of ours is in it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matrix.__main__ import main
from matrix.explain import Explanation, explain, probe_command
from matrix.explain.commands import lines
from matrix.explain.ranking import THRESHOLD
from matrix.paths import SCHEMAS
from tests.explain.cases import CASES

PASTED = Path(__file__).parent / "pasted"
TRACE = (
    "Traceback (most recent call last):\n"
    '  File "/home/me/app/main.py", line 12, in <module>\n    main()\n'
    '  File "/home/me/app/main.py", line 8, in main\n    run(x)\n'
)


def pasted(name: str) -> str:
    return (PASTED / f"{name}.txt").read_text(encoding="utf-8")


def ids(found: tuple[Explanation, ...]) -> list[str]:
    return [one.question for one in found]


def test_every_text_has_a_case() -> None:
    assert {path.stem for path in PASTED.glob("*.txt")} == {*CASES}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("told", [False, True], ids=["told nothing", "told Python and method"])
def test_the_right_question_comes_first(name: str, told: bool) -> None:
    case = CASES[name]
    found = explain(pasted(name), **({"series": case.series, "method": case.method} if told else {}))
    assert found
    assert found[0].question in case.questions, ids(found)


def each(change: Callable[[str], str]) -> Callable[[str], str]:
    return lambda text: "".join(f"{change(line)}\n" for line in text.splitlines())


WRAPPED: dict[str, Callable[[str], str]] = {
    "log": lambda text: "2026-05-01 12:00:00,123 ERROR worker: it failed\n" + text,
    "CI": each(lambda line: f"2026-05-04T10:00:00.1234567Z {line}"),
    "compose": each(lambda line: f"worker-1  | {line}"),
    "journal": each(lambda line: f"May 04 10:00:00 host app[123]: {line}"),
    "indented": each(lambda line: f"    {line}"),
    "quoted": each(lambda line: f"> {line}"),
    "box": each(lambda line: f"│ {line:<100} │"),
    "pytest": each(lambda line: f"E   {line}"),
    "colours": each(lambda line: f"\x1b[35m{line}\x1b[0m"),
    "Windows": lambda text: text.replace("\n", "\r\n"),
    "prose": lambda text: f"Hello, I get this:\n```\n{text}```\nAny idea?\n",
}


@pytest.mark.parametrize("how", WRAPPED)
def test_a_wrapped_text_is_read_as_well(how: str) -> None:
    wrong = {}
    for name, case in CASES.items():
        found = explain(WRAPPED[how](pasted(name)))
        if not found or found[0].question not in case.questions:
            wrong[name] = ids(found)[:3]
    assert wrong == {}


STRANGERS = (
    "json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)",
    "KeyError: 'name'",
    "ModuleNotFoundError: No module named 'numpy'",
    "ImportError: cannot import name 'x' from 'y' (/home/me/y.py)",
    "FileNotFoundError: [Errno 2] No such file or directory: 'config.yml'",
    "AssertionError: assert 1 == 2",
    "TypeError: main() missing 1 required positional argument: 'x'",
    "TypeError: 'int' object is not iterable",
    "TypeError: f() got an unexpected keyword argument 'foo'",
    "AttributeError: 'Foo' object has no attribute 'bar'",
    "AttributeError: 'NoneType' object has no attribute 'group'",
    "AttributeError: Can't get attribute 'Net' on <module '__main__' from 'serve.py'>",
    "ValueError: too many values to unpack (expected 2)",
    "RecursionError: maximum recursion depth exceeded",
    "OSError: [Errno 24] Too many open files: 'a.txt'",
    "OSError: [Errno 98] Address already in use",
    "OSError: [Errno 9] Bad file descriptor",
    "ConnectionResetError: [Errno 104] Connection reset by peer",
    "BrokenPipeError: [Errno 32] Broken pipe",
    "EOFError: EOF when reading a line",
    "NameError: name 'foo' is not defined",
    "RuntimeError: no running event loop",
    "ResourceWarning: unclosed file <_io.TextIOWrapper name='x'>",
    "ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed",
    "django.core.exceptions.AppRegistryNotReady: Apps aren't loaded yet.",
    "pickle.UnpicklingError: invalid load key, '<'.",
    "ChildProcessError: [Errno 10] No child processes",
    "struct.error: unpack requires a buffer of 4 bytes",
)


@pytest.mark.parametrize("error", STRANGERS)
def test_errors_that_have_nothing_to_do_with_processes_are_not_explained(error: str) -> None:
    assert ids(explain(TRACE + error)) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "how do I sort a list of dictionaries",
        "My program is slow when reading files",
        "make: *** [all] Error 2",
        "Segmentation fault (core dumped)",
        "collected 12 items\n\ntests/test_a.py ............ [100%]\n\n12 passed in 0.10s",
    ],
)
def test_a_text_without_an_error_of_ours_is_not_explained(text: str) -> None:
    assert ids(explain(text)) == []


def test_a_lone_message_is_explained_by_the_words_people_ask_with() -> None:
    assert ids(explain("OSError: [Errno 9] Bad file descriptor"))[:1] == ["resources.file_descriptor"]


def test_the_start_method_decides_what_is_plausible() -> None:
    text = TRACE + "NameError: name 'LETTERS' is not defined"
    assert explain(text, method="forkserver")[0].question == "semantics.parent_global_seen"
    assert explain(text, method="fork") == ()


def test_the_culprit_is_named() -> None:
    assert explain(pasted("redis_subscriber"))[0].culprit == "self.client.connection_pool._lock"
    assert explain(pasted("nested_server_in_test"))[0].culprit == "target"
    assert explain(pasted("process_subclass_lock"))[0].culprit == "self.lock"
    assert explain(pasted("module_attribute"))[0].culprit == "self.backend"
    assert explain(pasted("django_module_global"))[0].culprit == "DB"
    assert explain(pasted("pool_map_closure"))[0].culprit == "evaluate.<locals>.score"


def test_the_label_stands_before_the_range() -> None:
    (first, *_) = explain("TypeError: cannot pickle '_thread.lock' object", method="spawn")
    assert first.label == "Fork only"
    assert next(line for line in lines([first], "") if first.range in line) == f"  Fork only: {first.range}"


def test_the_range_is_that_of_the_platform() -> None:
    text = "TypeError: cannot pickle '_thread.lock' object"
    assert explain(text, method="spawn")[0].range.startswith("no under spawn, 3.8+") is False
    assert explain(text)[0].range == "no under spawn and forkserver, 3.8+; yes under fork, 3.8+"
    assert explain(text, platform="windows")[0].range.endswith("(on Windows under Wine)")
    assert explain(text, platform="macos")[0].range.endswith("(on Linux; macOS was not measured)")


def test_the_evidence_is_of_the_python_that_is_told() -> None:
    (evidence,) = explain("TypeError: cannot pickle '_thread.lock' object", series="3.9", method="spawn")[0].evidence
    assert (evidence.target, evidence.outcome) == ("cpython-3.9.18-linux-x86_64-gnu", "no")
    assert evidence.detail == "TypeError: cannot pickle '_thread.lock' object"


TEXTS = st.lists(
    st.one_of(
        st.sampled_from([line for name in CASES for line in pasted(name).splitlines()[:40]]),
        st.text(max_size=60),
    ),
    max_size=30,
).map("\n".join)


@given(TEXTS)
def test_any_text_is_explained_in_order_or_not_at_all(text: str) -> None:
    found = explain(text)
    scores = [one.score for one in found]
    assert scores == sorted(scores, reverse=True)
    assert all(THRESHOLD <= score <= 1 for score in scores)
    assert len(set(ids(found))) == len(found)


@pytest.mark.parametrize(
    "text",
    [
        "a " * 500_000,
        "".join(f"ValueError: cannot pickle 'x{number}' object\n" for number in range(5000)),
        '  File "a.py", line 1, in f\n' * 20_000,
        "".join(
            f"{'ab'[number % 2] * (number % 100)}{number} Traceback (most recent call last):\n"
            for number in range(5000)
        ),
        "Error: '<locals>." * 50_000,
    ],
    ids=["one line", "errors", "frames", "prefixes", "names"],
)
def test_a_huge_text_takes_seconds(text: str) -> None:
    before = time.process_time()
    explain(text)
    assert time.process_time() - before < 10


@given(st.text())
def test_the_command_for_an_unknown_error_names_a_probe(text: str) -> None:
    from matrix.suite import new_probe

    *words, name = probe_command(text, "python -m matrix").split()
    assert words == ["python", "-m", "matrix", "new-probe"]
    assert new_probe.add(name, None)


# --- the command line


def test_text_says_what_why_and_what_to_do(tmp_path, capsys) -> None:
    file = tmp_path / "log.txt"
    file.write_text(pasted("redis_subscriber"), encoding="utf-8")
    assert main(["explain", str(file)]) == 0
    out = capsys.readouterr().out
    assert "[callables.bound_method_with_lock]" in out
    for part in (
        "at fault: self.client.connection_pool._lock",
        "why: ",
        "do: ",
        "measured: no under",
        "probe/callables.",
    ):
        assert part in out


def test_json_is_valid_against_its_schema(tmp_path, capsys) -> None:
    schema = json.loads((SCHEMAS / "explain-1.schema.json").read_text(encoding="utf-8"))
    file = tmp_path / "log.txt"
    for text in (pasted("unguarded_executor"), "KeyError: 'x'"):
        file.write_text(text, encoding="utf-16")
        main(["explain", str(file), "--format", "json", "--python", "3.14", "--method", "forkserver"])
        jsonschema.validate(json.loads(capsys.readouterr().out), schema)


def test_nothing_found_says_so_and_how_to_write_a_probe(tmp_path, capsys) -> None:
    file = tmp_path / "log.txt"
    file.write_text("KeyError: 'x'", encoding="utf-8")
    assert main(["explain", str(file)]) == 3
    assert "python -m matrix new-probe reported.keyerror_x" in capsys.readouterr().out


def test_no_text_and_no_file_are_refused(tmp_path, capsys) -> None:
    (tmp_path / "empty.txt").write_text(" \n", encoding="utf-8")
    assert main(["explain", str(tmp_path / "empty.txt")]) == 2
    assert main(["explain", str(tmp_path / "none.txt")]) == 2
    assert "Cannot read" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("QueueHandler logs nothing in a forked worker", "moments.queue_listener"),
        ("The workers' memory grows although fork is copy on write", "copying.reading_objects"),
        ("map() hangs when the module that calls it runs on import", "guard.pool_at_import"),
        ("multiprocessing is thirteen times slower on Python 3.14", "cost.start_time"),
        ("The prefork worker hangs with gRPC after fork", "rawfork.thread_pool"),
    ],
)
def test_a_description_without_an_error_is_explained(text: str, question: str) -> None:
    assert ids(explain(text))[:1] == [question]


@pytest.mark.parametrize(
    "text",
    [
        "AssertionError: This module only works with the 'fork' start method.",
        "RuntimeError: start method 'spawn' is not supported here",
    ],
)
def test_a_program_that_refuses_a_method_says_so_itself(text: str) -> None:
    assert ids(explain(TRACE + text, method="spawn"))[:1] == ["defaults.start_method"]


def test_a_path_in_the_fork_server_s_command_is_no_global_of_the_parent() -> None:
    text = 'Traceback (most recent call last):\n  File "<string>", line 1, in <module>\n'
    text += "NameError: name {} is not defined\n"
    plain = ids(explain(text.format("'settings'"), series="3.12", method="forkserver"))
    path = ids(explain(text.format("'PosixPath'"), series="3.12", method="forkserver"))
    assert plain[0] == "semantics.parent_global_seen"
    assert "semantics.parent_global_seen" not in path
    assert "workers.early_global" not in path
    gone = '  File "/usr/lib/python3.12/multiprocessing/forkserver.py", line 328, in read_signed\n'
    gone += "EOFError: unexpected EOF\n"
    assert "guard.unguarded_script" in ids(explain(TRACE + gone))
    assert ids(explain(text.format("'PosixPath'") + TRACE + gone)) == ["launching.path_object"]


@pytest.mark.parametrize(
    ("inside", "question"),
    [
        (("queue.Queue",), "library.thread_queue"),
        (("app.Jobs", "queue.PriorityQueue", "queue.Queue"), "library.thread_queue"),
        (("threading.Event", "threading.Condition"), "arguments.threading_event"),
        (("app.Worker", "threading.Thread", "threading.Event", "threading.Condition"), "arguments.thread"),
        (("concurrent.futures.thread.ThreadPoolExecutor", "_queue.SimpleQueue"), "handles.thread_pool"),
        (("app.Thing",), "objects.instance_with_lock"),
        (("socketserver.TCPServer", "socketserver.BaseServer", "threading.Event"), "objects.instance_with_lock"),
    ],
)
def test_what_held_the_lock_decides(inside: tuple[str, ...], question: str) -> None:
    text = "TypeError: cannot pickle '_thread.lock' object"
    told = explain(text, series="3.12", method="spawn", path="args[0].mutex", inside=inside)
    assert told[0].question == question


def test_the_notes_of_pickle_tell_what_held_the_lock() -> None:
    notes = (
        "TypeError: cannot pickle '_thread.lock' object",
        "when serializing dict item 'mutex'",
        "when serializing queue.Queue state",
        "when serializing queue.Queue object",
        "when serializing tuple item 0",
        "when serializing dict item '_args'",
        "when serializing multiprocessing.context.Process state",
        "when serializing multiprocessing.context.Process object",
    )
    assert explain("\n".join(notes), series="3.14")[0].question == "library.thread_queue"


@pytest.mark.parametrize(
    ("prompt", "question"),
    [
        ("$ python -m package", "scripts.dash_m_package"),
        ("me@host:~/x$ /usr/bin/python3.12 -u -m package.tool --fast", "scripts.dash_m_package"),
        (r"PS C:\x> python.exe -c 'print(1)'", "scripts.dash_c"),
        ("$ python tool", "scripts.folder"),
        ("$ python app.py", "scripts.interactive"),
    ],
)
def test_how_the_program_was_launched_decides(prompt: str, question: str) -> None:
    error = "AttributeError: Can't get attribute 'work' on <module '__main__' (built-in)>"
    assert explain(f"{prompt}\n{error}\n", series="3.12", method="spawn")[0].question == question


def test_what_fails_while_it_clears_up_comes_second() -> None:
    text = """
Traceback (most recent call last):
  File "/usr/lib/python3.12/multiprocessing/reduction.py", line 60, in dump
    ForkingPickler(file, protocol).dump(obj)
AttributeError: Can't pickle local object 'Case.start.<locals>.worker'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/x/utils.py", line 557, in stop
    self.process.terminate()
  File "/usr/lib/python3.12/multiprocessing/process.py", line 133, in terminate
    self._popen.terminate()
AttributeError: 'NoneType' object has no attribute 'terminate'
"""
    found = [one.question for one in explain(text, series="3.12", method="spawn")]
    assert found[0] == "callables.nested_function"
    assert "misuse.terminate_before_start" in found


OF_WORKER = """\
concurrent.futures.process._RemoteTraceback:
\"\"\"
Traceback (most recent call last):
  File "/usr/lib/python3.12/concurrent/futures/process.py", line 263, in _process_worker
    r = call_item.fn(*call_item.args, **call_item.kwargs)
  File "/home/me/app/jobs.py", line 7, in work
    {source}
{error}
\"\"\"

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/home/me/app/main.py", line 12, in <module>
    print(future.result())
  File "/usr/lib/python3.12/concurrent/futures/_base.py", line 456, in result
    raise self._exception
{error}
"""


@pytest.mark.parametrize(
    ("error", "source", "first"),
    [
        (
            "TypeError: expected str, bytes or os.PathLike object, not NoneType",
            "path = os.path.join(FOLDER, name)",
            "semantics.parent_global_seen",
        ),
        ("FileNotFoundError: [Errno 2] No such file or directory: '/data/a.txt'", "os.chdir(path)", None),
    ],
)
def test_an_error_of_a_worker_tells_of_the_program(error: str, source: str, first: str | None) -> None:
    found = ids(explain(OF_WORKER.format(error=error, source=source), method="spawn"))
    assert found[:1] == ([first] if first else [])
