"""redis-py: a client of Redis; here with a small server of the same protocol in another process."""

import socketserver
import uuid

NAME = "redis"
IMPORTS = ("redis",)
REQUIRES = ("redis>=4.0",)
STANCE = "safe"
SAYS = "The connection pool notices a fork (since 2.4.12): a child makes connections of its own."
ADDRESS = "https://github.com/andymccurdy/redis-py/releases/tag/2.4.12"
THREADS = (
    (
        "Fork-safe ConnectionPool",
        "https://github.com/redis/redis-py/issues/234",
    ),
)


class Handler(socketserver.StreamRequestHandler):
    """ECHO answers its word, everything else OK."""

    def handle(self):
        while True:
            count = self.rfile.readline()
            if not count:
                return
            words = []
            for _ in range(int(count[1:])):
                words.append(self.rfile.read(int(self.rfile.readline()[1:]) + 2)[:-2])
            if words[0].upper() == b"ECHO":
                self.wfile.write(b"$%d\r\n%s\r\n" % (len(words[1]), words[1]))
            elif words[0].upper() == b"HELLO":
                self.wfile.write(b"-ERR unknown command\r\n")
            else:
                self.wfile.write(b"+OK\r\n")


def serve(ready):
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    ready(str(server.server_address[1]))
    server.serve_forever()


def make(address):
    import redis

    return redis.Redis(port=int(address), protocol=2, socket_timeout=2)


def use(client):
    word = str(uuid.uuid4())
    return client.echo(word) == word.encode()


def close(client):
    client.close()
