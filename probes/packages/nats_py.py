"""nats-py: an asynchronous client of NATS, here with a small server of the same protocol in another process."""

import asyncio
import socketserver
import uuid

NAME = "nats-py"
IMPORTS = ("nats",)
REQUIRES = ("nats-py>=2.2",)
STANCE = "silent"
SAYS = "Read: the README and the source of 2.16.0, in which processes do not occur."
ADDRESS = "https://github.com/nats-io/nats.py"
THREADS = ()
SEARCHED = "2026-11-27"


class Handler(socketserver.StreamRequestHandler):
    """Answers PING, and sends each message back to the subscription of its subject."""

    def handle(self):
        self.wfile.write(b'INFO {"server_id":"x","version":"2.10.0","proto":1,"max_payload":1048576}\r\n')
        subscriptions = {}
        while True:
            line = self.rfile.readline()
            if not line:
                return
            words = line.split()
            if words[0] == b"PING":
                self.wfile.write(b"PONG\r\n")
            elif words[0] == b"SUB":
                subscriptions[words[1]] = words[-1]
            elif words[0] == b"PUB":
                body = self.rfile.read(int(words[-1]) + 2)
                if words[1] in subscriptions:
                    self.wfile.write(b"MSG %s %s %s\r\n%s" % (words[1], subscriptions[words[1]], words[-1], body))


def serve(ready):
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    ready("nats://127.0.0.1:%d" % server.server_address[1])
    server.serve_forever()


def make(address):
    import nats

    loop = asyncio.new_event_loop()
    client = loop.run_until_complete(nats.connect(address, connect_timeout=2, allow_reconnect=False))
    return loop, client


def use(thing):
    loop, client = thing
    return loop.run_until_complete(asyncio.wait_for(there_and_back(client), 2))


async def there_and_back(client):
    word = str(uuid.uuid4())
    subscription = await client.subscribe(word)
    await client.publish(word, word.encode())
    message = await subscription.next_msg(2)
    await subscription.unsubscribe()
    return message.data == word.encode()


def close(thing):
    loop, client = thing
    loop.run_until_complete(client.close())
    loop.close()
