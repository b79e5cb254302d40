"""Which part of an object cannot be pickled: the path to it, as `self.session['lock']`.

Looked for only after pickling has failed, within bounds: each part is pickled once more, into nothing.
"""

import copyreg
import time

MOST_LEVELS = 8
MOST_CLASSES = 8  # of one object
MOST_PARTS = 200  # of one object
SECONDS = 0.5


def find(obj, dump):
    """(path from what was pickled to the innermost part that fails alone, classes of the objects on it).

    The path is '' if none was found. dump(obj, file) is the library's own pickler. What belongs to the process itself
    is named as its caller wrote it: `target`, `args[0]`, `kwargs['key']`; a bound method's object, and a subclass of
    Process, are `self`. Classes are dotted names, with those they inherit from; none of the built-in ones.
    """
    until = time.monotonic() + SECONDS
    names, classes, seen = "", [], set()
    for _ in range(MOST_LEVELS):
        seen.add(id(obj))
        for name, part in parts(obj):
            if time.monotonic() > until:
                return names, classes
            if id(part) not in seen and not pickles(part, dump):
                names, obj = joined(names, name), part
                classes += [one for one in classes_of(part) if one not in classes]
                break
        else:
            return names, classes
    return names, classes


def classes_of(obj):
    """Dotted names of an object's class and of those it inherits from, 'queue.Queue'; built-in ones say nothing."""
    found = type(obj).__mro__[:MOST_CLASSES]
    return ["%s.%s" % (one.__module__, one.__qualname__) for one in found if one.__module__ != "builtins"]


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
    else:
        found = [(attribute(name), part) for name, part in list(attributes(obj).items())[:MOST_PARTS]]
    return found


def attributes(obj):
    """The attributes that an object's pickle holds; none of what pickles by its name, or in a way of its own.

    A class, a function, a functools.lru_cache: what they hold is not pickled, so it is never at fault.
    """
    if isinstance(obj, type) or type(obj) in copyreg.dispatch_table:
        return {}
    try:
        reduced = obj.__reduce_ex__(4)
    except Exception:
        return {}
    state = reduced[2] if isinstance(reduced, tuple) and len(reduced) > 2 else None
    found = {}
    for part in state if isinstance(state, tuple) and len(state) == 2 else (state,):  # (of __dict__, of __slots__)
        if isinstance(part, dict):
            found.update((name, value) for name, value in part.items() if isinstance(name, str))
    return found


def attribute(name):
    return {"_target": "target", "_args": "args", "_kwargs": "kwargs"}.get(name, "." + name)


def joined(names, name):
    """A path and its next step: what begins one of its own replaces what was before it."""
    if name.startswith((".", "[")):
        return (names or "self") + name
    return name
