"""A probe's attack costs it its own verdict: never the run, another probe's verdict, or anybody's files."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from matrix.files import serialize
from tests.conftest import FAULTS, PYTHONS, ROOT, Done, lines, verdicts
from tests.misbehave.runs import Room, Verdicts, alive, linux, posix, room, undisturbed

pytestmark = posix

ROOT_USER = os.name == "posix" and os.geteuid() == 0
"""Whom no permission stops."""

ATTACKS = {
    "output_removed": ("yes", ""),
    "output_is_a_folder": ("yes", ""),
    "output_is_a_fifo": ("yes", ""),
    "output_is_endless": ("yes", ""),
    "output_is_sparse": ("error", "output-limit: printed "),
    "output_is_truncated": ("yes", ""),
    "run_folder_closed": ("yes", ""),
    "temp_removed": ("yes", ""),
    "temp_is_a_link": ("yes", ""),
    "private_folder_closed": ("yes", "") if ROOT_USER else ("error", "bad-record: Permission denied"),
    "links_to_precious": ("yes", ""),
    "record_is_a_fifo": ("error", "bad-record: a FIFO"),
    "record_is_a_folder": ("error", "bad-record: a folder"),
    "record_is_a_loop": ("error", "bad-record: a link"),
    "record_is_endless": ("error", "bad-record: a link"),
    "record_is_a_socket": ("error", "bad-record: a socket"),
    "record_is_sparse": ("error", "bad-record: longer than 262144 bytes"),
    "long_outcome": ("error", "bad-record: outcome 'xxx"),
    "long_state": ("error", "bad-record: unexpected keys or state 'xxx"),
    "long_detail": ("yes", "xxx"),
    "long_method": ("error", "bad-record: method is 'xxx"),
    "huge_number": ("error", "bad-record: "),
    "huge_observation": ("error", "bad-record: "),
    "many_observations": ("error", "bad-record: 2000 observations"),
    "nested_150": ("error", "bad-record: "),
    "nested_900": ("error", "bad-record: "),
    "nested_100000": ("error", "bad-record: not JSON: nested too deeply"),
    "escape_sequences": ("yes", "\x1b[31mred"),
    "name_is_not_utf8": ("yes", ""),
    "many_files": ("yes", ""),
    "deep_folders": ("yes", ""),
    "closed_folders": ("yes", ""),
    "core_dump": ("crash", "ended by SIGABRT"),
}
"""{attack: (outcome, how the detail begins)}, all in one run."""

if not ROOT_USER:
    del ATTACKS["run_folder_closed"]  # no probe beside it can write any more: an error, which is asked again

BREAKS_THE_RUN_S_FOLDER = ("run_folder_removed", "run_folder_replaced", "run_folder_is_a_link")


def words(python: str, folder: Path, *names: str, deadline: float = 60) -> list[str]:
    selection = [word for name in names for word in ("--probe", f"hostile.{name}")]
    suite = ["--probes", str(FAULTS), "--deadline", str(deadline), *selection]
    return ["run", "--python", python, "--out", str(folder), *suite]


@dataclass(frozen=True)
class Attacked:
    """A run of attacks: what came of the runner, what is in its file, and what is left of others' files."""

    done: Done
    folder: Path
    verdicts: Verdicts
    precious: Path
    leftovers: list[str]


@pytest.fixture(scope="session")
def attacked(python: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attacked]:
    folder = tmp_path_factory.mktemp("attacked")
    with room() as own_room:
        precious = own_room.folder.parent / f"{own_room.folder.name}-precious"
        precious.mkdir()
        (precious / "file").write_text("mine", encoding="utf-8")
        done = own_room.run(
            *words(python, folder, *ATTACKS), "--no-retry", CANIFORK_FAULT_PRECIOUS=str(precious), TERM="xterm"
        )
        yield Attacked(done, folder, verdicts(folder), precious, own_room.leftovers())
        shutil.rmtree(precious)


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_costs_one_verdict(attacked: Attacked, name: str) -> None:
    outcome, detail = ATTACKS[name]
    verdict = attacked.verdicts[name, "none"]
    assert (verdict["outcome"], verdict["detail"].startswith(detail)) == (outcome, True), verdict


def test_the_run_goes_on_and_its_file_can_be_read(attacked: Attacked) -> None:
    assert attacked.done.status == 1, attacked.done.err
    assert attacked.done.err == ""
    assert lines(attacked.folder)[-1]["complete"] is True
    (path,) = attacked.folder.glob("*.jsonl")
    (run,) = serialize.load_run_file(path)
    assert len(run.verdicts) == len(ATTACKS)


def test_nothing_is_left_of_the_attacks_and_nothing_is_gone_of_others(attacked: Attacked) -> None:
    assert attacked.leftovers == []
    assert (attacked.precious / "file").read_text(encoding="utf-8") == "mine"
    assert [path.name for path in attacked.precious.iterdir()] == ["file"]


def test_what_a_removed_output_file_got_is_kept(attacked: Attacked) -> None:
    assert "still heard" in attacked.verdicts["output_removed", "none"]["output"]["text"]


def test_names_of_files_left_are_printable(attacked: Attacked) -> None:
    leaks = attacked.verdicts["name_is_not_utf8", "none"]["leaks"]
    there = sys.platform != "darwin"  # the file systems of macOS refuse names that are not UTF-8
    assert leaks == ({"files": ["left-\\xff\\xfe\n\\x1b[31m"]} if there else {})
    assert len(attacked.verdicts["many_files", "none"]["leaks"]["files"]) == 1000


def test_a_crash_leaves_no_core(attacked: Attacked) -> None:
    assert attacked.verdicts["core_dump", "none"]["leaks"] == {}


def test_escape_sequences_are_inert_where_they_are_shown(attacked: Attacked) -> None:
    (line,) = [line for line in attacked.done.out.splitlines() if line.startswith("hostile.escape_sequences")]
    shown = "\\u001b[31mred\\u001b[0m \\u009b31m \\u0007 \\u000d\\n::error::x\\u202e ##[error]x"
    assert line == f"hostile.escape_sequences: yes: {shown}"
    assert all(c.isprintable() or c == "\n" for c in attacked.done.out)


@pytest.mark.skipif(not shutil.which("tmux"), reason="needs a terminal emulator")
def test_escape_sequences_are_inert_in_a_real_terminal(tmp_path: Path, python: str) -> None:
    """With the live progress bar, and in all that shows the verdict later."""
    run = f"{sys.executable} -m matrix"
    suite = f"--probes {FAULTS}"
    probe = f"{run} run --python {python} --out {tmp_path} {suite} --probe hostile.escaping_error --repeat 2"
    script = tmp_path / "script.sh"
    script.write_text(
        f"cd {ROOT}\necho first line\n{probe}\n{run} stability {tmp_path} {suite}\n"
        f"{run} merge {tmp_path} -o {tmp_path}/m.json {suite}\n{run} explain --help >/dev/null\n"
        "echo last line\ntmux wait-for -S done\nsleep 100\n", encoding="utf-8",
    )  # fmt: skip
    tmux = ["tmux", "-L", f"canifork-{os.getpid()}", "-f", "/dev/null"]
    subprocess.run([*tmux, "new-session", "-d", "-x", "250", "-y", "60", "sh", str(script)], check=True)
    try:
        subprocess.run([*tmux, "wait-for", "done"], check=True, timeout=200)
        shown = subprocess.run([*tmux, "capture-pane", "-p"], capture_output=True, encoding="utf-8", check=True).stdout
        title = subprocess.run(
            [*tmux, "display-message", "-p", "#{pane_title}"], capture_output=True, encoding="utf-8", check=True
        ).stdout
    finally:
        subprocess.run([*tmux, "kill-server"], check=False)
    assert shown.startswith("first line"), "the screen was not cleared"
    assert "\\u001b]0;hacked\\u0007\\u001b[2J" in shown
    assert "last line" in shown
    assert "hacked" not in title


@pytest.fixture
def own_room() -> Iterator[Room]:
    with room() as made:
        yield made


@pytest.mark.parametrize("name", BREAKS_THE_RUN_S_FOLDER)
def test_a_run_whose_folder_is_gone_makes_another(tmp_path: Path, python: str, own_room: Room, name: str) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").touch()
    out = tmp_path / "out"
    options = ["--jobs", "1", "--no-retry", "--repeat", "2"]
    done = own_room.run(*words(python, out, name, "well_behaved"), *options, CANIFORK_FAULT_PRECIOUS=str(precious))
    assert done.status == 1, done
    outcomes = [(line["probe"], line["outcome"]) for line in lines(out) if line["kind"] == "verdict"]
    assert outcomes.count(("hostile.well_behaved", "yes")) == 2, outcomes
    assert outcomes.count((f"hostile.{name}", "error")) == 2, outcomes
    assert (precious / "file").exists()
    kept = [path for path in own_room.folder.rglob("*") if path.name == "work"]
    assert len(kept) == (2 if name == "run_folder_replaced" else 0), "what is not ours is left alone"


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="needs to mount")
def test_what_a_probe_mounts_is_not_removed(tmp_path: Path, python: str, own_room: Room) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").touch()
    own_room.run(*words(python, tmp_path / "out", "mounts_precious"), CANIFORK_FAULT_PRECIOUS=str(precious))
    assert verdicts(tmp_path / "out")["mounts_precious", "none"]["outcome"] == "yes"
    assert (precious / "file").exists()
    assert own_room.leftovers() == []


@linux
def test_a_daemon_without_session_parent_and_environment_is_found(tmp_path: Path, python: str, own_room: Room) -> None:
    own_room.run(*words(python, tmp_path, "bare_daemon"), "--no-retry")
    verdict = verdicts(tmp_path)["bare_daemon", "none"]
    assert (verdict["outcome"], verdict["leaks"]) == ("yes", {"processes": ["process"]})
    assert not alive(lambda env: env.get("CANIFORK_MARK") == verdict["observed"]["token"])


@linux
def test_a_chain_of_short_lived_processes_is_ended(tmp_path: Path, python: str, own_room: Room) -> None:
    own_room.run(*words(python, tmp_path, "fork_chain"), "--no-retry")
    verdict = verdicts(tmp_path)["fork_chain", "none"]
    leaks = verdict["leaks"]
    # One that ends may still be there when the next one is.
    assert (verdict["outcome"], leaks.keys(), set(leaks["processes"])) == ("yes", {"processes"}, {"process"})
    assert own_room.leftovers() == []


@linux
@undisturbed
@pytest.mark.parametrize("block", ["canifork-block", "somebody-s-block"])
def test_a_block_with_a_fixed_name_is_reported_and_removed(
    tmp_path: Path, python: str, own_room: Room, block: str
) -> None:
    own_room.run(*words(python, tmp_path, "named_block"), CANIFORK_FAULT_BLOCK=block)
    found = [line for line in lines(tmp_path) if line["kind"] == "verdict"]
    assert [line["outcome"] for line in found] == ["yes", "yes"], found
    assert found[1]["leaks"] == {"shared_memory": [block]}
    assert own_room.leftovers() == []
    assert not (own_room.shared / block).exists()


@linux
def test_what_another_run_has_left_in_shared_memory_is_its_own(tmp_path: Path, python: str, own_room: Room) -> None:
    """One run leaks twice, so that it would remove all that may be its own; the other wants its block again."""
    state = tmp_path / "state"
    state.mkdir()
    env = {"CANIFORK_FAULT_STATE": str(state)}
    with ThreadPoolExecutor(1) as pool:
        keeper = pool.submit(own_room.run, *words(python, tmp_path / "1", "keeps_a_block"), "--no-retry", **env)
        done = own_room.run(*words(python, tmp_path / "2", "leaks_beside_another_run"), **env)
        (state / "other-ended").touch()
        kept = keeper.result()
    assert (kept.status, done.status) == (0, 0), (kept, done)
    assert verdicts(tmp_path / "1")["keeps_a_block", "none"]["outcome"] == "yes"
    leaks = [line["leaks"] for line in lines(tmp_path / "2") if line["kind"] == "verdict"]
    assert leaks == [{}, {"shared_memory": ["psm_…"]}]


def test_a_runner_that_was_stopped_for_a_while_goes_on(tmp_path: Path, python: str, own_room: Room) -> None:
    done = own_room.run(*words(python, tmp_path, "stops_the_runner", deadline=5), "--no-retry")
    verdict = verdicts(tmp_path)["stops_the_runner", "none"]
    assert (done.status, verdict["outcome"]) == (0, "yes"), (done, verdict)
    assert verdict["duration"] < 5


def test_a_probe_that_kills_the_runner_comes_last_after_that(tmp_path: Path, python: str, own_room: Room) -> None:
    arguments = words(python, tmp_path, "kills_the_runner", "well_behaved")
    options = ["--jobs", "1", "--no-retry", "--resume"]
    for _ in range(2):
        own_room.run(*arguments, *options)
    assert [key[0] for key in verdicts(tmp_path)] == ["well_behaved"]


@linux
def test_a_probe_that_alters_the_limits_of_the_runner_alters_no_other_verdict(
    tmp_path: Path, python: str, own_room: Room
) -> None:
    arguments = words(python, tmp_path, "alters_the_limits_of_the_runner", "well_behaved")
    own_room.run(*arguments, "--no-retry", "--jobs", "1", "--repeat", "2")
    found = [(line["probe"], line["outcome"], line["detail"]) for line in lines(tmp_path) if line["kind"] == "verdict"]
    altered = (
        "hostile.alters_the_limits_of_the_runner",
        "error",
        "limits: a probe altered the runner's resource limits",
    )
    assert sorted((probe, outcome, detail.removesuffix(" while it ran")) for probe, outcome, detail in found) == [
        altered,
        altered,
        ("hostile.well_behaved", "yes", "it is"),
        ("hostile.well_behaved", "yes", "it is"),
    ]


@pytest.mark.parametrize("how", ["removed", "truncated", "overwritten"])
def test_a_run_file_that_is_removed_or_altered_is_written_again(
    tmp_path: Path, python: str, own_room: Room, how: str
) -> None:
    out = tmp_path / "out"
    own_room.run(*words(python, out, "core_dump"), "--no-retry")
    env = {"CANIFORK_FAULT_RESULTS": str(out), "CANIFORK_FAULT_HOW": how}
    arguments = words(python, out, "well_behaved", "closes_the_output_of_the_runner")
    done = own_room.run(*arguments, "--jobs", "1", "--no-retry", **env)
    assert done.status == 0, done
    assert {key[0] for key in verdicts(out)} == {"core_dump", "well_behaved", "closes_the_output_of_the_runner"}


def test_a_run_file_that_is_replaced_is_left_alone_and_the_run_is_saved(
    tmp_path: Path, python: str, own_room: Room
) -> None:
    env = {"CANIFORK_FAULT_RESULTS": str(tmp_path), "CANIFORK_FAULT_HOW": "replaced"}
    arguments = words(python, tmp_path, "well_behaved", "closes_the_output_of_the_runner")
    done = own_room.run(*arguments, "--jobs", "1", "--no-retry", **env)
    assert done.status == 74, done
    assert "was replaced by another file" in done.err
    (rescued,) = tmp_path.glob("*.rescued.jsonl")
    (other,) = set(tmp_path.glob("*.jsonl")) - {rescued}
    assert other.read_text(encoding="utf-8") == "mine"
    assert [verdict.outcome for run in serialize.load_run_file(rescued) for verdict in run.verdicts] == ["yes", "yes"]


HOSTILE_START = """
import os, resource, signal, sys
for name in ("SIGCHLD", "SIGINT", "SIGTERM", "SIGUSR1", "SIGHUP"):
    signal.signal(getattr(signal, name), signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32))
os.umask(0o777)
resource.setrlimit(resource.RLIMIT_CORE, (-1, -1)) if os.geteuid() == 0 else None
resource.setrlimit(resource.RLIMIT_NOFILE, (24, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
os.close(0)
os.environ.update(FORCE_COLOR="1", CLICOLOR_FORCE="1", LC_ALL="C")
os.execv(sys.executable, [sys.executable, "-m", "matrix", *sys.argv[1:]])
"""


def test_what_the_caller_left_to_its_children_does_not_reach_the_probe(
    tmp_path: Path, python: str, own_room: Room
) -> None:
    arguments = words(python, tmp_path / "a b\n→", "what_was_inherited")
    done = subprocess.run(
        [*own_room.enter, sys.executable, "-c", HOSTILE_START, *arguments],
        cwd=FAULTS.parents[2], env={**os.environ, "TMPDIR": str(own_room.folder)}, capture_output=True,
        encoding="utf-8", timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done
    observed: dict[str, Any] = verdicts(tmp_path / "a b\n→")["what_was_inherited", "none"]["observed"]
    assert (observed["mask"], observed["core"], observed["colour"]) == ([], 0, [])
    assert set(observed["ignored"]) <= {13, 25}, "SIGPIPE and SIGXFSZ: Python's own"
    assert observed["umask"] & 0o700 == 0
    assert observed["files"] >= 256
    assert json.dumps(observed)


def test_an_interpreter_that_is_replaced_during_the_run_is_noticed(tmp_path: Path, own_room: Room) -> None:
    first = next(iter(PYTHONS.values()))
    script = tmp_path / "python"
    script.write_text(f'#!/bin/sh\nexec {first} "$@"\n', encoding="utf-8")
    script.chmod(0o755)
    runner = own_room.start(*words(str(script), tmp_path / "out", "well_behaved"), "--repeat", "2000", "--jobs", "1")
    assert runner.stdout
    for line in runner.stdout:
        if line.startswith("hostile.well_behaved"):
            break
    other = tmp_path / "other"
    other.write_text(f'#!/bin/sh\n# newer\nexec {first} "$@"\n', encoding="utf-8")
    other.chmod(0o755)
    other.replace(script)
    rest, _ = runner.communicate(timeout=60)
    assert runner.returncode == 2, rest
    assert "was replaced or removed during the run" in rest
    assert lines(tmp_path / "out")[1]["outcome"] == "yes"
