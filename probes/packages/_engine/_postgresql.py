"""A real PostgreSQL for recipes of its clients, as Debian and Homebrew install it; nothing is left of it afterwards."""

import glob
import os
import shutil
import subprocess
import tempfile

from _probe import LIMIT, wait_until

PLACES = ("/usr/lib/postgresql/*/bin", "/opt/homebrew/opt/postgresql*/bin", "/usr/local/opt/postgresql*/bin")


def template(initdb):
    """A folder of new databases, to be copied: making one takes a second. A measurement has a home of its own."""
    folder = os.path.expanduser("~/.cache/canifork-postgresql")
    if not os.path.exists(folder):
        os.makedirs(os.path.dirname(folder), exist_ok=True)
        part = tempfile.mkdtemp(dir=os.path.dirname(folder))
        words = ["-D", part, "-U", "postgres", "-A", "trust", "-N", "-E", "UTF8"]
        subprocess.run(initdb + words, check=True, stdout=subprocess.DEVNULL, timeout=LIMIT)
        try:
            os.rename(part, folder)
        except OSError:  # another has made it meanwhile
            shutil.rmtree(part)
    return folder


def serve(ready):
    """Serve until killed; ready(folder of its socket) once it listens. User and database are `postgres`."""
    found = sorted(path for place in PLACES for path in glob.glob(place))
    if not found:
        raise RuntimeError("PostgreSQL is not installed: apt install postgresql")
    folder = tempfile.mkdtemp(prefix="scratch-")
    data = os.path.join(folder, "data")
    nobody = ["unshare", "--user"] if os.geteuid() == 0 else []  # it does not run as root
    shutil.copytree(template(nobody + [os.path.join(found[-1], "initdb")]), data)
    server = nobody + [os.path.join(found[-1], "postgres"), "-D", data, "-k", folder, "-c", "listen_addresses="]
    process = os.getpid()
    if os.fork():
        os.execvp(server[0], server)  # this very process, so that whoever ends it ends the server
    wait_until(lambda: os.getppid() != process or listens(data), LIMIT)
    if listens(data):
        ready(folder)
    os._exit(0)  # whoever waits for the address notices that the server has ended, or is too slow


def listens(data):
    """Whether the server of these databases says that it takes connections."""
    try:
        with open(os.path.join(data, "postmaster.pid")) as file:
            return file.read().rstrip().endswith("ready")
    except OSError:  # not there yet
        return False
