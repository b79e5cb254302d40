"""Alterations of what the probes of arguments observe."""

from tests.probes.mutation import MP, OLD, PICKLE_LOCK, child, python

MUTATIONS = (
    child("arguments.threading_lock", "fork", "taken = lock.acquire(timeout=1)", "taken = False", "yes > error"),
    python("arguments.threading_lock", "forkserver", PICKLE_LOCK, "no > yes"),
    python(
        "arguments.text_file",
        "spawn",
        "import copyreg, io; copyreg.pickle(io.TextIOWrapper, lambda file: (open, (file.name,)))",
        "no > yes",
    ),
    child("arguments.mutation_seen_by_parent", "fork", "numbers.append(2)", "numbers.append(3)", "no > error"),
    child(
        "arguments.keyword_arguments",
        "spawn",
        '[left, right] == ["a", "b"]',
        '[left, right] == ["a", None]',
        "yes > error",
    ),
    child("arguments.threading_rlock", "fork", "taken = lock.acquire(timeout=1)", "taken = False", "yes > error"),
    child(
        "arguments.threading_condition",
        "fork",
        "        condition.notify_all()\n",
        "        return False\n",
        "yes > error",
    ),
    child("arguments.threading_event", "fork", "    event.set()\n", "", "yes > error"),
    child("arguments.threading_semaphore", "fork", "taken = lock.acquire(timeout=1)", "taken = False", "yes > error"),
    child("arguments.thread", "fork", "    flags.append(True)", "    pass", "yes > error", OLD),
    child(
        "arguments.thread_local", "fork", 'return local.name == "parent"', 'return local.name == "child"', "yes > error"
    ),
    python(
        "arguments.binary_file",
        "spawn",
        "import copyreg, io; copyreg.pickle(io.BufferedReader, lambda file: (open, (file.name, 'rb')))",
        "no > yes",
    ),
    child(
        "arguments.large_bytes",
        "fork spawn",
        "run_child(ctx, digest, data)",
        "run_child(ctx, digest, data[1:])",
        "yes > error",
    ),
    child("arguments.string_for_tuple", "fork spawn", 'args=("bob"))', 'args=("bob",))', "no > yes"),
    python("arguments.positional_target", "none", MP + "multiprocessing.Process = lambda group: None", "no > yes"),
    python(
        "arguments.misspelt_keyword",
        "none",
        MP + "multiprocessing.Process = lambda **some: None",
        "\"TypeError > 'accepted'",
    ),
)
