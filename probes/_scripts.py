"""Scripts that start a child: how they are launched, and how what came of them is judged."""

import os

from _probe import no, run_script, scratch, stable, yes

NOT_FOUND = ("AttributeError", "FileNotFoundError")  # the child finds neither target nor script
BROKEN = ("EOFError", "ConnectionResetError", "BrokenPipeError", "ConnectionRefusedError", "ConnectionAbortedError")


def launch(ctx, name, *args, **options):
    """Run a script that starts its children with this method; give back the script and the lines of its report."""
    report = scratch("report")
    changes = dict(options.pop("env", {}), CANIFORK_METHOD=ctx.get_start_method(), CANIFORK_REPORT=report)
    open(report, "w").close()
    script = run_script(name, *args, env=changes, **options)
    with open(report) as file:
        lines = file.read().splitlines()
    os.remove(report)
    return script, lines


def errors(text):
    """'SomeError: message' of each traceback in a text, in the order of printing."""
    found = []
    for line in text.splitlines():
        name = line.partition(":")[0].rpartition(".")[2]
        if line[:1].isalpha() and name.isidentifier() and name.endswith("Error"):
            found.append(stable(name + line.partition(":")[1] + line.partition(":")[2]))
    return found


def failure(script):
    """How it failed: the detail of a `no`. Raises if that cannot be told."""
    if "bootstrapping phase" in script.stderr:
        cause = "RuntimeError (bootstrapping phase)"
    else:
        causes = [error for error in errors(script.stderr) if not error.startswith(BROKEN)]
        if not causes or not (causes[0].startswith(NOT_FOUND) or "<stdin>" in causes[0]):
            raise RuntimeError("status %r without a known error: %s" % (script.status, script.stderr[-500:]))
        cause = causes[0]
    if "exit 1" in script.stdout.splitlines():
        return "%s in the child; start() raised nothing" % cause
    if script.status == 1 and any(error.startswith(BROKEN) for error in errors(script.stderr)):
        return "start() raised in the parent, since the fork server ended with %s" % cause
    raise RuntimeError("status %r, output %r" % (script.status, script.stdout))


def verdict(launched):
    """yes if the child wrote its line and all ended well, else no with the cause."""
    script, lines = launched
    if lines == ["child"] and script.stdout.split() == ["exit", "0"] and script.status == 0:
        return yes()
    return no(failure(script), status=script.status, errors=errors(script.stderr)[:6])
