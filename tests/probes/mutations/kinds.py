"""Alterations of what the probes of kinds observe."""

from tests.probes.mutation import LINUX, NEW, child, python

MUTATIONS = (
    child(
        "kinds.epoll",
        "fork",
        "    return [event for _, event in poller.poll(0)] == [1]  # EPOLLIN\n",
        "    return False\n",
        "yes > no",
        only=LINUX,
    ),
    child(
        "kinds.selector",
        "fork",
        '    return [key.data for key, _ in selector.select(0)] == ["mine"]\n',
        "    return False\n",
        "yes > no",
    ),
    child(
        "kinds.socket_subclass", "fork", '    return connection.name == "mine"\n', "    return False\n", "yes > error"
    ),
    child(
        "kinds.unregistered_logger", "fork", '    return records == ["a record"]\n', "    return False\n", "yes > error"
    ),
    child(
        "kinds.compressor",
        "fork",
        '    return zlib.decompress(thing.compress(b"a text") + thing.flush()) == b"a text"\n',
        "    return False\n",
        "yes > error",
    ),
    child("kinds.running_program", "fork", '(b"line\\n")', '(b"another line\\n")', "yes > error"),
    child("kinds.temporary_file", "fork", '    return file.read() == b"a text"\n', "    return False\n", "yes > error"),
    child("kinds.coroutine", "fork", "        return end.value == 7\n", "        return False\n", "yes > error"),
    child("kinds.text_stream", "fork", '    return stream.read() == "xt"\n', "    return False\n", "yes > error"),
    child("kinds.expression_match", "fork", '    return match.group(2) == "b"\n', "    return False\n", "yes > error"),
    child(
        "kinds.traceback_object",
        "fork",
        '    return thing.tb_frame.f_code.co_name == "traceback_object"\n',
        "    return False\n",
        "yes > error",
    ),
    child(
        "kinds.local_named_tuple", "fork", "    return point.x + point.y == 3\n", "    return False\n", "yes > error"
    ),
    child(
        "kinds.weak_dictionary",
        "fork",
        '    return isinstance(mapping["key"], Lazy)\n',
        "    return False\n",
        "yes > error",
    ),
    child(
        "kinds.cached_property_read",
        "fork spawn",
        "    @functools.cached_property\n",
        "    @property\n",
        "yes > no",
    ),
    child(
        "kinds.time_zone",
        "fork",
        "    return datetime.datetime(2020, 1, 1, 12, tzinfo=zone).utcoffset() == datetime.timedelta(0)\n",
        "    return False\n",
        "yes > error",
        only=NEW,
    ),
    child(
        "kinds.dup_fd",
        "fork",
        '        return os.read(descriptor, 16) == b"a text"\n',
        "        return False\n",
        "yes > error",
    ),
    python(
        "kinds.expression_match",
        "spawn",
        "import copyreg, re; copyreg.pickle(re.Match, lambda match: (re.match, ('(a)(b)', 'ab')))",
        "no > yes",
    ),
    python(
        "kinds.compressor",
        "spawn",
        "import copyreg, zlib; copyreg.pickle(type(zlib.compressobj()), lambda thing: (zlib.compressobj, ()))",
        "no > yes",
    ),
    child(
        "kinds.listening_socket",
        "spawn",
        '    client.sendall(b"served")\n',
        '    client.sendall(b"other")\n',
        "yes > error",
    ),
)
