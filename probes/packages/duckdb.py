"""DuckDB: an analytical database in the process, with a pool of threads."""

NAME = "duckdb"
IMPORTS = ("duckdb",)
REQUIRES = ("duckdb>=0.8",)
STANCE = "silent"
SAYS = "Read: Concurrency, of processes that share a file, and Known issues of the Python client (1.4)."
ADDRESS = "https://duckdb.org/docs/stable/connect/concurrency"
THREADS = (
    (
        "DuckDB's global state is not fork-safe",
        "https://github.com/duckdb/duckdb-python/issues/292",
    ),
    (
        "Close the connection that import duckdb opens before a zygote forks (Curio)",
        "https://github.com/urban-toolkit/curio/pull/316",
    ),
)
NOTE = (
    "Whether a child that closes the parent's connection of release 2.0.1 crashes or hangs is up to the C library: "
    "CPython 3.12.1 crashes with glibc 2.36 and hangs with glibc 2.43, which the CPython 3.14 measured here has."
)


def make():
    import duckdb

    connection = duckdb.connect()
    connection.execute("create table numbers as select range as n from range(500000)")
    return connection


def use(connection):
    return connection.execute("select sum(n), count(distinct n % 977) from numbers").fetchone() == (124999750000, 977)


def close(connection):
    connection.close()
