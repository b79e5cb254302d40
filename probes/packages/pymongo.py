"""PyMongo: a client of MongoDB; here with a small server of the same protocol in another process."""

import socketserver
import struct
import uuid

NAME = "pymongo"
IMPORTS = ("pymongo",)
REQUIRES = ("pymongo>=4.0",)
STANCE = "unsafe"
SAYS = "It is not fork-safe: parent and child must each make their own MongoClient (FAQ of 4.7)."
ADDRESS = "https://pymongo.readthedocs.io/en/4.7.1/faq.html"
THREADS = (
    (
        "Document that PyMongo is not fork safe",
        "https://jira.mongodb.org/browse/PYTHON-1139",
    ),
    (
        "PyMongo 4.3: support for a MongoClient after os.fork()",
        "https://github.com/mongodb/mongo-python-driver/pull/1038/files",
    ),
)


class Handler(socketserver.StreamRequestHandler):
    """Answers each command, as OP_MSG or OP_QUERY, like a single server; `echo` gives back its word."""

    def handle(self):
        import bson

        while True:
            head = self.rfile.read(16)
            if len(head) < 16:
                return
            size, number, _, kind = struct.unpack("<iiii", head)
            body = self.rfile.read(size - 16)
            asked = bson.decode(body[5:] if kind == 2013 else body[body.index(b"\0", 4) + 9 :])
            told = {"ok": 1, "ismaster": True, "isWritablePrimary": True, "minWireVersion": 0, "maxWireVersion": 21}
            told.update(maxBsonObjectSize=1 << 24, maxMessageSizeBytes=1 << 25, maxWriteBatchSize=1000)
            text = bson.encode(dict(told, word=asked.get("echo")))
            if kind == 2013:
                reply = struct.pack("<IB", 0, 0) + text
            else:
                reply = struct.pack("<iqii", 8, 0, 0, 1) + text
            self.wfile.write(struct.pack("<iiii", len(reply) + 16, 1, number, 2013 if kind == 2013 else 1) + reply)


def serve(ready):
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    ready(str(server.server_address[1]))
    server.serve_forever()


def make(address):
    import pymongo

    return pymongo.MongoClient("127.0.0.1", int(address), serverSelectionTimeoutMS=2000, socketTimeoutMS=2000)


def use(client):
    word = str(uuid.uuid4())
    return client.admin.command("echo", word)["word"] == word


def close(client):
    client.close()
