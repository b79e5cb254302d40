"""SQLAlchemy: databases; here an engine on a file of SQLite."""

import os
import tempfile
import uuid

NAME = "sqlalchemy"
IMPORTS = ("sqlalchemy",)
REQUIRES = ("sqlalchemy>=1.4",)
STANCE = "unsafe"
SAYS = "Pooled connections must not be shared with a forked process: call engine.dispose(close=False) in the child."
ADDRESS = "https://docs.sqlalchemy.org/en/20/core/pooling.html#using-connection-pools-with-multiprocessing-or-os-fork"


def make():
    import sqlalchemy

    path = os.path.join(tempfile.gettempdir(), "scratch-%s.db" % uuid.uuid4())
    engine = sqlalchemy.create_engine("sqlite:///" + path)
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("create table words (word text)"))
    return engine


def use(engine):
    import sqlalchemy

    word = str(uuid.uuid4())
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("insert into words values (:word)"), {"word": word})
    with engine.begin() as connection:
        count = connection.execute(sqlalchemy.text("select count(*) from words where word = :word"), {"word": word})
        return count.scalar() == 1


def close(engine):
    engine.dispose()
