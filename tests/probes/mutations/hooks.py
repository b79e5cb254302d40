"""Alterations of what the probes of hooks observe."""

from tests.probes.mutation import CPYTHON, child, python

MUTATIONS = (
    child("hooks.profiler_enabled", "fork", "    call()\n", "", "yes > error"),
    child(
        "hooks.profiler_enabled",
        "spawn",
        "if profiler is None:\n        return False",
        "if profiler is None:\n        return True",
        "no > yes",
    ),
    python("hooks.copyreg_reducer", "spawn", "import copyreg; copyreg.pickle = lambda *some: None", "yes > no"),
    child(
        "hooks.import_hook",
        "spawn",
        "    except ImportError:\n        return False\n",
        "    except ImportError:\n        return True\n",
        "no > yes",
    ),
    child("hooks.registered_reducer", "spawn", "    return (int, (7,))", "    return (int, (8,))", "yes > error"),
    child("hooks.audit_hook", "spawn", '    return events == ["canifork.event"]', "    return True", "no > yes"),
    child(
        "hooks.registered_codec",
        "spawn",
        "    except LookupError:\n        return False",
        "    except LookupError:\n        return True",
        "no > yes",
    ),
    # hooks that are called in the child
    child(
        "hooks.exception_hook",
        "spawn",
        "    return seen_by_hook(sys.excepthook, ",
        "    sys.excepthook = hook\n    return seen_by_hook(sys.excepthook, ",
        "no > yes",
    ),
    child(
        "hooks.thread_hook",
        "spawn",
        "    return seen_by_hook(failing_thread)",
        "    threading.excepthook = hook\n    return seen_by_hook(failing_thread)",
        "no > yes",
    ),
    child(
        "hooks.profile_function",
        "spawn",
        "    return seen_by_hook(lambda: None)",
        "    sys.setprofile(hook)\n    return seen_by_hook(lambda: None)",
        "no > yes",
    ),
    child(
        "hooks.monitoring_tool",
        "spawn",
        "    return seen_by_hook(eval(",
        "    m = sys.monitoring\n    if m.get_tool(1) is None:\n        m.use_tool_id(1, 'canifork')\n"
        "        m.register_callback(1, m.events.PY_START, hook)\n        m.set_events(1, m.events.PY_START)\n"
        "    return seen_by_hook(eval(",
        "no > yes",
        CPYTHON + ' and python_version >= "3.12"',
    ),
    child(
        "hooks.memory_tracing",
        "spawn",
        "    return tracemalloc.get_object_traceback(",
        "    tracemalloc.start()\n    return tracemalloc.get_object_traceback(",
        "no > yes",
        CPYTHON,
    ),
    child(
        "hooks.fault_handling",
        "spawn",
        "    os.abort()\n",
        "    import faulthandler; faulthandler.enable()\n    os.abort()\n",
        "no > yes",
    ),
    child("hooks.fault_handling", "fork", "    os.abort()\n", "    os._exit(3)\n", "yes > no"),
    child(
        "hooks.socket_timeout",
        "spawn",
        "    with socket.socket() as made:\n",
        "    socket.setdefaulttimeout(12.5)\n    with socket.socket() as made:\n",
        "no > yes",
    ),
)
