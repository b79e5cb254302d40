"""Which part of an object cannot be pickled: the path to it, as `self.session['lock']`.

Looked for only after pickling has failed, within bounds: each part is pickled once more, into nothing.
"""

import time

MOST_LEVELS = 8
MOST_PARTS = 200  # of one object
SECONDS = 0.5


def path(obj, dump):
    """The path from what was pickled to the innermost part that fails alone; '' if none was found.

    dump(obj, file) is the library's own pickler. What belongs to the process itself is named as its caller wrote it:
    `target`, `args[0]`, `kwargs['key']`; a bound method's object, and a subclass of Process, are `self`.
    """
    until = time.monotonic() + SECONDS
    names, seen = "", set()
    for _ in range(MOST_LEVELS):
        seen.add(id(obj))
        for name, part in parts(obj):
            if time.monotonic() > until:
                return names
            if id(part) not in seen and not pickles(part, dump):
                names, obj = joined(names, name), part
                break
        else:
            return names
    return names


class Nowhere:
    """A file that keeps nothing."""

    def write(self, data):
        return len(data) if isinstance(data, (bytes, bytearray)) else memoryview(data).nbytes


def pickles(obj, dump):
    try:
        dump(obj, Nowhere())
    except Exception:
        return False
    return True


def parts(obj):
    """(name, part) of what an object is pickled by, where it is usual: items, attributes, what a callable holds."""
    found = []
    if isinstance(obj, dict):
        found = [("[%r]" % (key,), part) for key, part in list(obj.items())[:MOST_PARTS]]
    elif isinstance(obj, (list, tuple)):
        found = [("[%d]" % number, part) for number, part in enumerate(obj[:MOST_PARTS])]
    elif getattr(obj, "__self__", None) is not None and hasattr(obj, "__func__"):
        found = [("self", obj.__self__)]
    elif hasattr(obj, "func") and hasattr(obj, "keywords"):  # functools.partial
        found = [(".func", obj.func), (".args", obj.args), (".keywords", obj.keywords)]
    elif not isinstance(obj, type):
        held = getattr(obj, "__dict__", None)
        if isinstance(held, dict) and not callable(getattr(obj, "__code__", None)):
            found = [(attribute(name), part) for name, part in list(held.items())[:MOST_PARTS]]
        for kind in type(obj).__mro__:
            slots = kind.__dict__.get("__slots__", ())
            for name in (slots,) if isinstance(slots, str) else slots:
                if hasattr(obj, name):
                    found.append((attribute(name), getattr(obj, name)))
    return found


def attribute(name):
    return {"_target": "target", "_args": "args", "_kwargs": "kwargs"}.get(name, "." + name)


def joined(names, name):
    """A path and its next step: what begins one of its own replaces what was before it."""
    if name.startswith((".", "[")):
        return (names or "self") + name
    return name
