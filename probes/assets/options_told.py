"""Tells, as JSON, the interpreter options in force here and in a child."""

import json
import multiprocessing
import os
import sys
import warnings


def options():
    return {
        "optimize": sys.flags.optimize,
        "isolated": sys.flags.isolated,
        "ignore_environment": sys.flags.ignore_environment,
        "safe_path": bool(getattr(sys.flags, "safe_path", False)),
        "gil": sys._is_gil_enabled() if hasattr(sys, "_is_gil_enabled") else None,
        "dev_mode": bool(sys.flags.dev_mode),
        "utf8_mode": sys.flags.utf8_mode,
        "user_warning": what_becomes_of(UserWarning),
        "digits": sys.get_int_max_str_digits() if hasattr(sys, "get_int_max_str_digits") else None,
        "unbuffered": bool(getattr(sys.stdout, "write_through", False)),
    }


def what_becomes_of(category):
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.warn("told", category)
    except Warning:
        return "raised"
    return "shown" if caught else "ignored"


def tell(path):
    with open(path, "w") as file:
        json.dump(options(), file)


if __name__ == "__main__":
    report = os.environ["CANIFORK_REPORT"]
    ctx = multiprocessing.get_context(os.environ["CANIFORK_METHOD"])
    process = ctx.Process(target=tell, args=(report,))
    process.start()
    process.join()
    with open(report) as file:
        print(json.dumps([options(), json.load(file)]))
