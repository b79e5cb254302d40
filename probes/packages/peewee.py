"""peewee: a small object-relational mapper, here on SQLite; each process opens the same file."""

import os
import tempfile
import uuid

NAME = "peewee"
IMPORTS = ("peewee",)
REQUIRES = ("peewee>=3.14",)
STANCE = "unsafe"
SAYS = "The author, of several processes: be sure not to connect until after the fork (2018)."
ADDRESS = "https://github.com/coleifer/peewee/issues/1783"
THREADS = (
    (
        "ResultTimeout when using SqliteQueueDatabase in forked process",
        "https://github.com/coleifer/peewee/issues/1088",
    ),
    (
        "pool.map cannot pickle database or results object",
        "https://github.com/coleifer/peewee/issues/1880",
    ),
)
NOTE = (
    "A child that was forked within a transaction of another thread finds the database locked, even 12 s after its "
    "end: SQLite notes for each process which locks it holds. With journal_mode=wal it works (by hand, 4.5.3)."
)


def make():
    import peewee

    path = os.path.join(tempfile.gettempdir(), "scratch-words.db")
    database = peewee.SqliteDatabase(path, pragmas={"synchronous": 0}, timeout=2)
    database.connect()
    database.execute_sql("create table if not exists words (word text)")
    return database


def use(database):
    word = str(uuid.uuid4())
    with database.atomic():
        database.execute_sql("insert into words values (?)", (word,))
    return database.execute_sql("select count(*) from words where word = ?", (word,)).fetchone() == (1,)


def close(database):
    database.close()
