"""A guarded script that imports a module that starts a process while it is imported."""

if __name__ == "__main__":
    import guard_starter

    guard_starter.work  # noqa: B018 - the import is all
