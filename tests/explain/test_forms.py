"""Forms in which people paste what went wrong: texts of our own, each after a kind of public report."""

from __future__ import annotations

import pytest

from matrix.explain import explain

LAUNCH = r"""  File "C:\Python38\lib\multiprocessing\process.py", line 121, in start
    self._popen = self._Popen(self)
  File "C:\Python38\lib\multiprocessing\popen_spawn_win32.py", line 93, in __init__
    reduction.dump(process_obj, to_child)
  File "C:\Python38\lib\multiprocessing\reduction.py", line 60, in dump
    ForkingPickler(file, protocol).dump(obj)
"""
NOTEBOOK = r"""
---------------------------------------------------------------------------
BrokenPipeError                           Traceback (most recent call last)
<ipython-input-3-0a1b2c3d4e5f> in <module>()
----> 1 for batch in loader:

~\Python\lib\multiprocessing\popen_spawn_win32.py in __init__(self, process_obj)
---> 65                 reduction.dump(process_obj, to_child)

~\Python\lib\multiprocessing\reduction.py in dump(obj, file, protocol)
---> 60     ForkingPickler(file, protocol).dump(obj)

BrokenPipeError: [Errno 32] Broken pipe
"""
PROMPT = """Traceback (most recent call last):
  File "<stdin>", line 1, in <module>
  File "/usr/lib/python3.9/multiprocessing/pool.py", line 537, in _handle_tasks
    put(task)
  File "/usr/lib/python3.9/multiprocessing/connection.py", line 206, in send
    self._send_bytes(_ForkingPickler.dumps(obj))
_pickle.PicklingError: Can't pickle <function double at 0x7f3>: attribute lookup double on __main__ failed
"""
WORKER = """Traceback (most recent call last):
  File "{lib}/multiprocessing/pool.py", line 125, in worker
    result = (True, func(*args, **kwds))
  File "/srv/app/registry.py", line 138, in check
    raise NotReady("The registry is not loaded yet.")
registry.NotReady: The registry is not loaded yet.
"""
CHILD = """Traceback (most recent call last):
  File "<string>", line 1, in <module>
  File "/srv/lib/multiprocessing/spawn.py", line 116, in spawn_main
    exitcode = _main(fd, parent_sentinel)
  File "/srv/lib/multiprocessing/spawn.py", line 126, in _main
    self = reduction.pickle.load(from_parent)
  File "/srv/app/models.py", line 136, in check
    raise NotReady("Models are not loaded yet.")
models.NotReady: Models are not loaded yet.
"""
CUT = """        The "freeze_support()" line can be omitted if the program
        is not going to be frozen to produce an executable.
Traceback (most recent call last):
  File "app.py", line 20, in main
    print(future.result())
concurrent.futures.process.BrokenProcessPool: A process in the process pool was terminated abruptly.
"""
FORMS = {
    "a bold message before its frames": (
        f"**AttributeError: Can't pickle local object 'serve.<locals>.run'**\n\n{LAUNCH}", "callables.nested_function"),
    "a notebook's own way": (NOTEBOOK, "damage.dies_before_arguments"),
    "a function of a prompt": (PROMPT, "scripts.interactive"),
    "a function that was replaced": (
        LAUNCH + "_pickle.PicklingError: Can't pickle <function run at 0x1f>: attribute lookup run on app.jobs failed",
        "callables.shadowed_function"),
    "a worker on macOS, whose default is spawn": (
        WORKER.format(lib="/Library/Frameworks/Python.framework/Versions/3.12/lib/python3.12"), "workers.early_global"),
    "a worker on Linux, since forkserver is its default": (
        WORKER.format(lib="/usr/lib/python3.14"), "workers.early_global"),
    "a child's own traceback": (CHILD, "semantics.parent_global_seen"),
    "the end of the bootstrapping error": (CUT, "guard.unguarded_executor"),
    "pytest's mark before the line": (
        ">       pid = os.fork()\nE       DeprecationWarning: This process (pid=7) is multi-threaded, use of fork() "
        "may lead to deadlocks in the child.\n", "threads.os_fork_warning"),
    "macOS's libraries": (
        "objc[77]: +[NSString initialize] may have been in progress in another thread when fork() was called.",
        "safety.held_lock"),
    "a block that is gone": (
        "UserWarning: resource_tracker: '/psm_1a2b3c4d': [Errno 2] No such file or directory: '/psm_1a2b3c4d'",
        "tracker.after_other_program"),
    "prose about the top level": (
        "With forkserver the second process re-imports the script and starts another server, so the port is taken.",
        "guard.main_again"),
    "prose about a global": (
        "The list in the global OPTIONS is filled when the arguments are parsed, but it is empty in the workers.",
        "semantics.parent_global_seen"),
    "prose that names the method": (
        "This worked before. Under forkserver I get NameError: name 'options' is not defined",
        "semantics.parent_global_seen"),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_a_form_of_a_report_is_explained(form: str) -> None:
    text, question = FORMS[form]
    found = explain(text)
    assert [one.question for one in found[:1]] == [question], [one.question for one in found]


def test_the_default_of_a_place_explains_nothing_where_no_process_is_at_work() -> None:
    here = r'Traceback (most recent call last):\n  File "C:\app\main.py", line 3, in <module>' + "\n"
    assert explain(here + "NameError: name 'options' is not defined") == ()
    assert explain(WORKER.format(lib="/usr/lib/python3.12")) == ()


def test_the_method_that_an_error_asks_for_is_not_the_one_in_force() -> None:
    text = "RuntimeError: Cannot re-initialize CUDA in forked subprocess. You must use the 'spawn' start method"
    assert explain(text)[0].question == "rawfork.thread_pool"
