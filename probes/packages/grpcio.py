"""gRPC: remote procedure calls; here a channel to a server in another process."""

import os

NAME = "grpcio"
IMPORTS = ("grpc",)
REQUIRES = ("grpcio>=1.50",)
STANCE = "unsafe"
SAYS = (
    "fork() is not supported, but for clients with GRPC_ENABLE_FORK_SUPPORT set and the poll strategy epoll1 or poll."
)
ADDRESS = "https://github.com/grpc/grpc/blob/master/doc/fork_support.md"
THREADS = (
    (
        "Document the cases where fork() is supported",
        "https://github.com/grpc/grpc/issues/14055",
    ),
)


def serve(ready):
    from concurrent.futures import ThreadPoolExecutor

    import grpc

    def reverse(request, _):
        return request[::-1]

    handlers = {"Reverse": grpc.unary_unary_rpc_method_handler(reverse)}
    server = grpc.server(ThreadPoolExecutor(4))
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("canifork.Echo", handlers),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    ready("127.0.0.1:%d" % port)
    server.wait_for_termination()


def make(address):
    import grpc

    return grpc.insecure_channel(address, options=[("grpc.enable_http_proxy", 0)])


def use(channel):
    word = os.urandom(8)
    return channel.unary_unary("/canifork.Echo/Reverse")(word, timeout=2) == word[::-1]


def close(channel):
    channel.close()
