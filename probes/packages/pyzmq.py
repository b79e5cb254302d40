"""PyZMQ: message queues of ZeroMQ; here a request socket to a server in another process."""

import os

NAME = "pyzmq"
IMPORTS = ("zmq",)
REQUIRES = ("pyzmq>=22",)
STANCE = "unsafe"
SAYS = "If you use fork(), each process needs its own context (the guide of ZeroMQ)."
ADDRESS = "https://www.oreilly.com/library/view/zeromq/9781449334437/ch01s09s01.html"
THREADS = (
    (
        "make Context.instance fork-safe",
        "https://github.com/zeromq/pyzmq/pull/1307",
    ),
    (
        "Protect sockets from errors during gc in forked child",
        "https://github.com/zeromq/pyzmq/pull/222",
    ),
)


def serve(ready):
    import zmq

    socket = zmq.Context().socket(zmq.ROUTER)  # it answers each of several clients
    ready("tcp://127.0.0.1:%d" % socket.bind_to_random_port("tcp://127.0.0.1"))
    while True:
        who, empty, word = socket.recv_multipart()
        socket.send_multipart([who, empty, word[::-1]])


def make(address):
    import zmq

    socket = zmq.Context().socket(zmq.REQ)
    socket.setsockopt(zmq.RCVTIMEO, 2000)
    socket.setsockopt(zmq.SNDTIMEO, 2000)
    socket.setsockopt(zmq.LINGER, 0)
    socket.connect(address)
    return socket


def use(socket):
    word = os.urandom(8)
    socket.send(word)
    return socket.recv() == word[::-1]


def close(socket):
    socket.close()
