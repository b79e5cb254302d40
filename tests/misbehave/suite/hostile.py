"""Probes that attack what they are given: their folder, their record, their output, their limits, their runner."""

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "probes"))

from _probe import main, no, question, yes

FOREVER = 3600
PRECIOUS = "CANIFORK_FAULT_PRECIOUS"
"""Names a folder of somebody's, with a file in it, in the environment."""


def attack(function):
    """A question without a method; what it is about does not matter here."""
    return question("Does it?", why="-", do="-", source="https://example.org", methods=())(function)


def option(name):
    return Path(sys.argv[sys.argv.index(name) + 1])


def record():
    return option("--record")


def answered():
    """End as after a good answer, without writing one."""
    os._exit(0)


@attack
def well_behaved():
    return yes("it is")


@attack
def output_removed():
    option("--output").unlink()
    print("still heard", flush=True)
    return yes()


@attack
def output_is_a_folder():
    option("--output").unlink()
    option("--output").mkdir()
    return yes()


@attack
def output_is_a_fifo():
    option("--output").unlink()
    os.mkfifo(str(option("--output")))
    return yes()


@attack
def output_is_endless():
    option("--output").unlink()
    option("--output").symlink_to("/dev/zero")
    return yes()


@attack
def output_is_sparse():
    os.ftruncate(1, 2**40)
    time.sleep(FOREVER)  # until it is noticed


@attack
def output_is_truncated():
    print("x" * 100000, flush=True)
    os.ftruncate(1, 0)
    return yes()


@attack
def run_folder_removed():
    shutil.rmtree(str(record().parent.parent))
    answered()


@attack
def run_folder_replaced():
    run = record().parent.parent
    run.rename(str(run) + "-moved")
    run.mkdir()
    (run / "work").write_text("mine", encoding="utf-8")
    answered()


@attack
def run_folder_closed():
    record().parent.parent.chmod(0)
    return yes()


@attack
def run_folder_is_a_link():
    run = record().parent.parent
    run.rename(str(run) + "-moved")
    run.symlink_to(os.environ[PRECIOUS])
    answered()


@attack
def temp_removed():
    os.chdir("/")
    shutil.rmtree(os.environ["TMPDIR"])
    return yes()


@attack
def temp_is_a_link():
    os.chdir("/")
    shutil.rmtree(os.environ["TMPDIR"])
    os.symlink(os.environ[PRECIOUS], os.environ["TMPDIR"])
    return yes()


@attack
def private_folder_closed():
    answer = yes()
    import atexit

    atexit.register(lambda: record().parent.chmod(0))
    return answer


@attack
def links_to_precious():
    Path("link").symlink_to(os.environ[PRECIOUS])
    os.link(os.path.join(os.environ[PRECIOUS], "file"), "hard link")
    Path("loop").symlink_to("loop")
    return yes()


@attack
def mounts_precious():
    Path("point").mkdir()
    subprocess.run(["mount", "--bind", os.environ[PRECIOUS], "point"], check=True)
    return yes()


@attack
def record_is_a_fifo():
    record().unlink()
    os.mkfifo(str(record()))
    answered()


@attack
def record_is_a_folder():
    record().unlink()
    record().mkdir()
    answered()


@attack
def record_is_a_loop():
    record().unlink()
    record().symlink_to(record())
    answered()


@attack
def record_is_endless():
    record().unlink()
    record().symlink_to("/dev/zero")
    answered()


@attack
def record_is_a_socket():
    record().unlink()
    os.chdir(str(record().parent))
    server = socket.socket(socket.AF_UNIX)
    server.bind("record")
    answered()


@attack
def record_is_sparse():
    with record().open("r+b") as file:
        file.truncate(2**40)
    answered()


@attack
def record_is_closed():
    record().chmod(0)
    answered()


def replaced(**parts):
    """Write a record of one's own, as if it were the probe's."""
    import json

    data = json.loads(record().read_text(encoding="utf-8"))
    data.update(state="finished", outcome="yes", value=None, detail="", observed={})
    data.update(parts)
    record().write_text(json.dumps(data), encoding="utf-8")
    answered()


@attack
def long_outcome():
    replaced(outcome="x" * 20000)


@attack
def long_state():
    replaced(state="x" * 20000)


@attack
def long_detail():
    replaced(detail="x" * 20000)


@attack
def long_method():
    replaced(method="x" * 20000)


@attack
def huge_number():
    replaced(outcome="value", value=10**300)


@attack
def huge_observation():
    replaced(observed={"a": [10**30]})


@attack
def many_observations():
    replaced(observed={str(number): number for number in range(2000)})


def nested(levels):
    text = record().read_text(encoding="utf-8").rstrip("}").replace('"started"', '"finished"')
    deep = "[" * levels + "]" * levels
    record().write_text(
        '%s, "outcome": "yes", "value": null, "detail": "", "observed": {"a": %s}}' % (text, deep), encoding="utf-8"
    )
    answered()


@attack
def nested_150():
    nested(150)


@attack
def nested_900():
    nested(900)


@attack
def nested_100000():
    nested(100000)


@attack
def escape_sequences():
    return yes("\x1b[31mred\x1b[0m \x9b31m \x07 \r\n::error::x\u202e ##[error]x", **{"\x1b[2J": "\x1b]0;title\x07"})


@attack
def escaping_error():
    raise LookupError("\x1b]0;hacked\x07\x1b[2J\x1b[1;1Hhacked\x9b2J")


@attack
def name_is_not_utf8():
    if sys.platform == "darwin":  # its file systems refuse such names
        return yes()
    os.close(os.open(b"left-\xff\xfe\n\x1b[31m", os.O_CREAT | os.O_WRONLY))
    return yes()


@attack
def many_files():
    for number in range(20000):
        os.close(os.open(str(number), os.O_CREAT | os.O_WRONLY))
    return yes()


@attack
def deep_folders():
    for _ in range(2000):
        os.mkdir("a-folder-in-a-folder")
        os.chdir("a-folder-in-a-folder")
    return yes()


@attack
def closed_folders():
    os.makedirs("closed/inner")
    os.chmod("closed/inner", 0)
    os.chmod("closed", 0)
    return yes()


def daemon(code, **options):
    subprocess.Popen([sys.executable, "-c", code], start_new_session=True, **options).returncode = 0


@attack
def bare_daemon():
    """Forks twice, and leaves its session, its parent and its environment."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            code = "import time; time.sleep(%d)" % FOREVER
            os.execve(sys.executable, [sys.executable, "-c", code], {"CANIFORK_MARK": option("--token").name})
        os._exit(0)
    os.wait()
    return yes(token=option("--token").name)


@attack
def fork_chain():
    """Each generation lives for a millisecond, and leaves a child in a session of its own."""
    if os.fork() == 0:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            os.setsid()
            if os.fork():
                os._exit(0)
            time.sleep(0.001)  # the fault itself
        os._exit(0)
    os.wait()
    return yes()


@attack
def named_block():
    """Its name is the same at each attempt, so a block that was left makes the next attempt fail."""
    from multiprocessing import resource_tracker, shared_memory

    block = shared_memory.SharedMemory(name=os.environ["CANIFORK_FAULT_BLOCK"], create=True, size=4096)
    resource_tracker.unregister(block._name, "shared_memory")
    block.close()
    return yes()


def said(name):
    """A file by which two runs tell each other how far they are."""
    return Path(os.environ["CANIFORK_FAULT_STATE"]) / name


def wait_for(name):
    while not said(name).exists():
        time.sleep(0.02)  # between two looks


def block_left():
    """A block that no process has open any more, and that nobody removes."""
    from multiprocessing import resource_tracker, shared_memory

    block = shared_memory.SharedMemory(create=True, size=4096)
    resource_tracker.unregister(block._name, "shared_memory")
    block.close()
    return block


@attack
def keeps_a_block():
    """Opens it again after the other run has ended."""
    wait_for("other-runs")
    block = block_left()
    said("made").touch()
    wait_for("other-ended")
    there = os.path.exists("/dev/shm/%s" % block.name)
    block.unlink()
    return yes() if there else no("somebody removed it")


@attack
def leaks_beside_another_run():
    said("other-runs").touch()
    wait_for("made")
    block_left()
    return yes()


@attack
def core_dump():
    os.abort()


@attack
def stops_the_runner():
    """Stop it and, later, let it go on: as Ctrl-Z does, or a suspended machine."""
    runner = os.getppid()
    code = "import os, signal, time; time.sleep(8); os.kill(%d, signal.SIGCONT)" % runner
    daemon(code)
    os.kill(runner, signal.SIGSTOP)
    return yes()


@attack
def kills_the_runner():
    os.kill(os.getppid(), signal.SIGKILL)
    return yes()


@attack
def alters_the_limits_of_the_runner():
    """With so small a stack, whatever it starts from now on crashes."""
    import resource

    resource.prlimit(os.getppid(), resource.RLIMIT_STACK, (65536, resource.getrlimit(resource.RLIMIT_STACK)[1]))
    return yes()


@attack
def closes_the_output_of_the_runner():
    """Takes its run file away, and puts something else there."""
    path = Path(os.environ["CANIFORK_FAULT_RESULTS"])
    (file,) = path.glob("*.jsonl*")
    how = os.environ["CANIFORK_FAULT_HOW"]
    if how == "removed":
        shutil.rmtree(str(path))
    elif how == "truncated":
        os.truncate(str(file), 10)
    elif how == "overwritten":
        with file.open("r+b") as stream:
            stream.write(b"\0\xff")
    else:
        file.unlink()
        file.write_text("mine", encoding="utf-8")
    return yes()


@attack
def what_was_inherited():
    mask = sorted(int(number) for number in signal.pthread_sigmask(signal.SIG_BLOCK, ()))
    numbers = range(1, signal.NSIG)
    ignored = [
        number for number in numbers if number not in (9, 19, 32, 33) and signal.getsignal(number) is signal.SIG_IGN
    ]
    umask = os.umask(0o022)
    import resource

    return yes(
        mask=mask,
        ignored=ignored,
        umask=umask,
        core=resource.getrlimit(resource.RLIMIT_CORE)[0],
        files=resource.getrlimit(resource.RLIMIT_NOFILE)[0],
        colour=[name for name in os.environ if "COLOR" in name],
        streams=[stat.S_IFMT(os.fstat(fd).st_mode) for fd in (0, 1, 2)],
    )


if __name__ == "__main__":
    main()
