"""Does a child see what our program sets up? Needs canifork's _probe.py beside it."""

from _probe import main, no, question, raise_unexpected, run_child, yes

SETTINGS = {"level": "quiet"}


def level():
    """What the child finds in a global of this module."""
    return SETTINGS["level"]


@question(
    "Does a child see a global that the program changed after import?",
    why="Settings that are read at start-up are globals in many programs.",
    do="Pass settings as arguments, or set them in an initializer.",
    source="https://docs.python.org/3/library/multiprocessing.html#the-spawn-and-forkserver-start-methods",
    documented={"fork": "yes", "*": "no"},
)
def changed_global(ctx):
    SETTINGS["level"] = "loud"
    seen = run_child(ctx, level)
    if not seen.ok:
        raise_unexpected(ctx, seen)
    return yes() if seen.returned == "loud" else no(f"the child sees {seen.returned!r}")


if __name__ == "__main__":
    main()
