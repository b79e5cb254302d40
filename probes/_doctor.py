"""What `python -m matrix doctor` has a command run, to see whether it behaves like an interpreter.

usage: python _doctor.py tell RECORD OUTPUT WORD…    write down how this process was started, and print two lines
       python _doctor.py exit RECORD STATUS          end with a status
       python _doctor.py wait RECORD BEAT            write a byte to BEAT 20 times a second, until it is killed
       python _doctor.py meet RECORD MINE THEIRS SECONDS    make the file MINE, wait for THEIRS
Standard library only, Python 3.8 and later, no processes, no threads.
"""

import json
import os
import sys
import time

LONGEST = 600  # seconds after which it ends by itself, should nobody be able to kill it


def write(path, data):
    """As probes write their record: whole or not at all."""
    with open(path + ".part", "w", encoding="utf-8") as file:
        json.dump(data, file)
    os.replace(path + ".part", path)


def tell(record, output, *words):
    """How this process was started, and what it can read of what it printed."""
    write(record, {"state": "started"})
    sys.stdout.write("doctor: to stdout\n")
    sys.stdout.flush()
    sys.stderr.write("doctor: to stderr\n")
    sys.stderr.flush()
    said = {
        "words": list(words),
        "env": {name: text for name, text in os.environ.items() if name.startswith(("CANIFORK_", "PYTHON"))},
        "temp": os.path.exists(os.path.join(os.environ.get("TMPDIR", "/nowhere"), "doctor-was-here")),
        "here": os.path.exists("doctor-was-here"),
        "printed": wait_for(lambda: both(output), 5),
    }
    write(record, said)


def both(path):
    """Whether what was printed to both streams can be read in a file."""
    try:
        with open(path, "rb") as file:
            text = file.read()
    except OSError:
        return False
    return b"doctor: to stdout" in text and b"doctor: to stderr" in text


def leave(record, status):
    """End with a status."""
    write(record, {"state": "finished"})
    sys.exit(int(status))


def wait(record, beat):
    """Show that this process lives."""
    write(record, {"state": "started"})
    end = time.time() + LONGEST
    while time.time() < end:
        with open(beat, "ab") as file:
            file.write(b".")
        time.sleep(0.05)  # the beat


def meet(record, mine, theirs, seconds):
    """Whether another one runs at the same time."""
    write(mine, {})
    write(record, {"met": wait_for(lambda: os.path.exists(theirs), float(seconds))})


def wait_for(condition, seconds):
    """Whether a condition becomes true within some seconds."""
    end = time.time() + seconds
    while not condition():
        if time.time() > end:
            return False
        time.sleep(0.02)  # between two looks
    return True


if __name__ == "__main__":
    {"tell": tell, "exit": leave, "wait": wait, "meet": meet}[sys.argv[1]](*sys.argv[2:])
