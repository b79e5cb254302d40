"""Alterations of what the probes of handles observe."""

from tests.probes.mutation import child, python

MUTATIONS = (
    child(
        "handles.queue_handler", "spawn", 'logger.error("number %d", 42)', 'logger.error("number %d", 41)', "yes > no"
    ),
    child(
        "handles.temporary_directory",
        "spawn",
        "    return os.path.isdir(folder.name)\n",
        "    import shutil\n\n    shutil.rmtree(folder.name)\n    return True\n",
        "yes > no",
    ),
    child(
        "handles.ssl_context", "fork", "context.check_hostname is True", "context.check_hostname is None", "yes > error"
    ),
    child("handles.hash_object", "fork", '"fb8e20fc"', '"fb8e20fd"', "yes > error"),
    child(
        "handles.zip_file",
        "fork",
        'archive.read("member") == b"text"',
        'archive.read("member") == b"other"',
        "yes > error",
    ),
    child("handles.future", "fork", "future.result(0) == 42", "future.result(0) == 41", "yes > error"),
    child("handles.thread_pool", "fork", "result(LIMIT) == 0", "result(LIMIT) == 1", "yes > error"),
    child("handles.log_handler", "fork", "handler.level == 7", "handler.level == 8", "yes > error"),
    python(
        "handles.log_handler",
        "spawn",
        "import copyreg, logging; "
        "copyreg.pickle(logging.StreamHandler, lambda handler: (logging.StreamHandler, (), {'level': 7}))",
        "no > yes",
    ),
    child("handles.argument_parser", "fork", ".number == 42", ".number == 41", "yes > error"),
    child("handles.c_function", "fork", "function(-42) == 42", "function(-42) == 41", "yes > error"),
)
