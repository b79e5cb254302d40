"""Probes that misbehave, each in one way: the runner must say the right thing of every one, and clean up after it."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "probes"))

from _probe import main, no, question, yes

FOREVER = 3600


def fault(function):
    """A question without a method; what it is about does not matter here."""
    return question("Does it?", why="-", do="-", source="https://example.org", methods=())(function)


def record_path():
    return sys.argv[sys.argv.index("--record") + 1]


def detached(code, **options):
    """Start a process that outlives this one; returns when it runs."""
    process = subprocess.Popen(
        [sys.executable, "-c", "import sys; sys.stdout.write('up\\n'); sys.stdout.flush()\n" + code],
        stdout=subprocess.PIPE,
        **options,
    )
    process.stdout.readline()
    process.stdout.close()
    process.returncode = 0  # nobody waits for it: no warning that it still runs


@fault
def well_behaved():
    return yes("it is", seen=1)


@fault
def says_no():
    return no("TypeError: cannot")


@fault
def sleep_forever():
    time.sleep(FOREVER)  # the fault itself


@question("Does it?", why="-", do="-", source="https://example.org", methods=("fork", "spawn"))
def deadlock_in_child(ctx):
    process = ctx.Process(target=take_twice)
    process.start()
    process.join()
    return yes()


def take_twice():
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()


@fault
def record_then_hang():
    threading.Thread(target=threading.Event().wait).start()
    return yes()


@question("Does it?", why="-", do="-", source="https://example.org", methods=("fork", "spawn"))
def full_queue_at_exit(ctx):
    """The parent's feeder thread waits for somebody to read; so does the interpreter at its end."""
    kept.append(ctx.Queue())  # without a reference nobody could read any more, and the thread would end
    kept[0].put(b"x" * 2**22)
    return yes()


kept = []


@fault
def segv():
    import faulthandler

    (faulthandler._read_null if os.name == "nt" else faulthandler._sigsegv)()


@fault
def os_abort():
    os.abort()


@fault
def exit_3():
    sys.exit(3)


@fault
def exit_beyond_eight_bits():
    os._exit(0x12345)


@fault
def exit_negative():
    os._exit(-1)


@fault
def os_exit_0():
    os._exit(0)


@fault
def answers_then_fails():
    import atexit

    atexit.register(os._exit, 7)
    return yes()


@fault
def raises():
    raise LookupError("a bug in the probe")


@fault
def half_json():
    Path(record_path()).write_text('{"record": 1, "probe": "faults.ha', encoding="utf-8")
    os._exit(0)


@fault
def empty_record():
    Path(record_path()).write_text("", encoding="utf-8")
    os._exit(0)


@fault
def wrong_probe():
    text = Path(record_path()).read_text(encoding="utf-8").replace("wrong_probe", "right_probe")
    Path(record_path()).write_text(text, encoding="utf-8")
    os._exit(0)


@fault
def wrong_token():
    token = sys.argv[sys.argv.index("--token") + 1]
    text = Path(record_path()).read_text(encoding="utf-8").replace(token, "0" * len(token))
    Path(record_path()).write_text(text, encoding="utf-8")
    os._exit(0)


@fault
def huge_record():
    return yes("x" * 2**20)


@fault
def two_records():
    text = Path(record_path()).read_text(encoding="utf-8")
    Path(record_path()).write_text(text + text, encoding="utf-8")
    os._exit(0)


@fault
def orphan_holds_stdout():
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(%d)" % FOREVER]).returncode = 0
    return yes(token=os.environ["CANIFORK_TOKEN"])


@fault
def orphan_setsid():
    detached("import time; time.sleep(%d)" % FOREVER, start_new_session=True)
    return yes(token=os.environ["CANIFORK_TOKEN"])


@fault
def double_fork():
    if os.fork() == 0:
        os.setsid()
        if os.fork():
            os._exit(0)
        time.sleep(FOREVER)  # the fault itself
    os.wait()
    return yes(token=os.environ["CANIFORK_TOKEN"])


@fault
def leaves_session_and_environment():
    detached("import time; time.sleep(%d)" % FOREVER, start_new_session=True, env={"PATH": os.environ["PATH"]})
    time.sleep(2)  # as long as a probe is looked at, its descendants are remembered
    return yes()


@fault
def breeder():
    for _ in range(64):
        subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(%d)" % FOREVER]).returncode = 0
    return yes(token=os.environ["CANIFORK_TOKEN"])


@fault
def flood():
    line = b"x" * 65536
    while True:
        os.write(1, line)


@fault
def binary_output():
    os.write(1, bytes(range(256)) + b"\x1b[31mred\xff\xfe \xed\xa0\x80 <script>alert(1)</script>")
    return yes()


@fault
def leaves_tmp():
    import tempfile

    Path(tempfile.gettempdir(), "left-behind").write_text("x", encoding="utf-8")
    return yes()


def new_block():
    from multiprocessing import shared_memory

    return shared_memory.SharedMemory(create=True, size=4096)


@fault
def leaks_shared_memory():
    """Nobody removes it: its resource tracker was told to forget it."""
    from multiprocessing import resource_tracker

    block = new_block()
    resource_tracker.unregister(block._name, "shared_memory")
    block.close()
    return yes(name=block.name)


@fault
def uses_shared_memory():
    block = new_block()
    block.close()
    block.unlink()
    return yes()


@fault
def hangs_with_shared_memory():
    """Its resource tracker removes it, if that is not killed as well."""
    block = new_block()
    Path(os.environ["CANIFORK_FAULT_STATE"]).write_text(block.name, encoding="utf-8")
    time.sleep(FOREVER)  # the fault itself


def times_asked():
    """How often a question has been asked before, by a file that outlives it."""
    path = Path(os.environ["CANIFORK_FAULT_STATE"])
    count = len(path.read_text(encoding="utf-8")) if path.exists() else 0
    path.write_text("x" * (count + 1), encoding="utf-8")
    return count


@fault
def fails_once():
    if times_asked() == 0:
        raise LookupError("only the first time")
    return yes()


@fault
def changes_its_mind():
    return no("this time") if times_asked() % 2 else yes()


@fault
def says_what_it_is_told():
    return yes() if os.environ["CANIFORK_FAULT_ANSWER"] == "yes" else no("told so")


@fault
def ignores_signals():
    import signal

    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    os.write(1, b"ready")
    time.sleep(FOREVER)  # the fault itself


@fault
def sees_environment():
    return yes(
        python=sorted(name for name in os.environ if name.startswith("PYTHON")),
        path=[entry for entry in sys.path if "canifork-hostile" in entry],
        objc=[name for name in os.environ if name.startswith("OBJC_")],
        temp=len(os.environ["TMPDIR" if os.name == "posix" else "TEMP"]),
    )


if __name__ == "__main__":
    main()
