"""python faulty.py FAULT[,FAULT…] FILE ARG…   a command that behaves like an interpreter, but for some faults."""

import os
import subprocess
import sys
import time

faults, arguments = sys.argv[1].split(","), sys.argv[2:]
command = [sys.executable, *arguments]
options = {"env": dict(os.environ)}

if "map" in faults:  # it sees the file system below /inside only
    command = [sys.executable, *(word.replace("/inside/", "/", 1) for word in arguments)]
    options["env"]["TMPDIR"] = options["env"].get("TMPDIR", "").replace("/inside/", "/", 1)
if "shell" in faults:  # as ssh does: the words are joined and split again
    command, options["shell"] = " ".join(command), True
if "environment" in faults:
    options["env"] = {"PATH": os.environ["PATH"]}
if "folder" in faults:
    options["cwd"] = "/"
if "record" in faults:  # it has a file system of its own
    command = [word + ".elsewhere" if word.endswith("record") else word for word in command]
if "stderr" in faults:
    options["stderr"] = subprocess.DEVNULL
if "late" in faults:  # as a container's log does: output comes when all is over
    options["stdout"] = options["stderr"] = subprocess.PIPE
if "alone" in faults:
    lock = os.environ["FAULTY_LOCK"]
    while True:
        try:
            os.mkdir(lock)
            break
        except FileExistsError:
            time.sleep(0.02)  # until the other one is done

LOCKS = 10  # RLIMIT_LOCKS, which the module resource does not name

if "survivor" in faults:  # as `docker run` does: what is killed is only the client, and no parent of what runs
    here, there = os.pipe()
    middle = os.fork()
    if not middle:
        os.setsid()
        if os.fork():
            os._exit(0)
        if sys.platform == "linux":  # a daemon has limits of its own, and no tag of ours among them
            import resource

            most = resource.getrlimit(LOCKS)[1]
            resource.setrlimit(LOCKS, (most, most))
        process = subprocess.Popen(command, **options)
        with open(os.environ["FAULTY_PIDS"], "a", encoding="utf-8") as file:
            file.write(f"{process.pid}\n")
        os.write(there, b"%d" % process.wait())
        os._exit(0)
    os.waitpid(middle, 0)
    os.close(there)
    status = os.read(here, 9)
    sys.exit(int(status or 1))

process = subprocess.Popen(command, **options)
out, err = process.communicate()
if "late" in faults:
    os.write(1, out)
    os.write(2, err)
if "alone" in faults:
    os.rmdir(lock)
status = process.returncode
sys.exit(bool(status) if "status" in faults else status if status >= 0 else 128 - status)
