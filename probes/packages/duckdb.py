"""DuckDB: an analytical database in the process, with a pool of threads."""

NAME = "duckdb"
IMPORTS = ("duckdb",)
REQUIRES = ("duckdb>=0.8",)
STANCE = "unread"
SAYS = "Nobody has read yet what the documentation says of fork."
ADDRESS = "https://duckdb.org/docs/stable/connect/concurrency"
THREADS = (
    (
        "DuckDB's global state is not fork-safe",
        "https://github.com/duckdb/duckdb-python/issues/292",
    ),
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
