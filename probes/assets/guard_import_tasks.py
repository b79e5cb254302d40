"""A guarded script that imports a module that uses a pool or an executor while it is imported."""

if __name__ == "__main__":
    import guard_tasks

    print("then %d" % guard_tasks.result())  # its import is over
    guard_tasks.end()
