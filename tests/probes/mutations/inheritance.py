"""Alterations of what the probes of inheritance observe."""

from tests.probes.mutation import child, python

MUTATIONS = (
    child(
        "inheritance.environment", "spawn", 'return os.environ.get("CANIFORK_VARIABLE", "")', 'return ""', "yes > no"
    ),
    child(
        "inheritance.shared_offset", "fork", "return os.read(opened, 4)", "return os.pread(opened, 4, 0)", "yes > no"
    ),
    child("inheritance.buffer_twice", "fork", "        pending.flush()\n", "        pass\n", "yes > no"),
    child(
        "inheritance.stdin",
        "fork spawn",
        "    return sys.stdin.read()\n",
        "    return open(0, closefd=False).read()\n",
        "no > yes",
    ),
    child(
        "inheritance.descriptor_zero",
        "fork spawn",
        "    return os.read(0, 4)",
        "    return os.read(os.open(os.devnull, 0), 4)",
        "yes > no",
    ),
    child(
        "inheritance.replaced_stdout",
        "spawn",
        "    return type(sys.stdout).__name__",
        '    return "StringIO"',
        "no > yes",
    ),
    child(
        "inheritance.deleted_folder",
        "fork",
        '    return os.environ.get("CANIFORK_VARIABLE", "")',
        "    raise OSError",
        "yes > error",
    ),
    child("inheritance.argv", "fork spawn", "    return sys.argv[1:]\n", "    return []\n", "yes > no"),
    child("inheritance.path", "fork spawn", "    return name in sys.path\n", "    return False\n", "yes > no"),
    child("inheritance.authkey", "fork spawn", "    return bytes(multi", "    return '' and bytes(multi", "yes > no"),
    child("inheritance.parent_pid", "fork spawn", "    return [os.getppid(),", "    return [1,", "yes > no"),
    python(
        "inheritance.folder",
        "spawn",
        "import multiprocessing.spawn as s; old = s.get_preparation_data\n"
        "s.get_preparation_data = lambda name: dict(old(name), dir='/')",
        "yes > no",
    ),
)
