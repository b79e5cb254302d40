"""Gunicorn: web applications; here in a request to one of its workers, the application preloaded (--preload)"""

NAME = "gunicorn-preload"
REQUIRES = ("gunicorn>=20.1",)
STANCE = "unsafe"
SAYS = "Threads do not survive in workers: with --preload start them in the hook post_fork()."
ADDRESS = "https://github.com/benoitc/gunicorn/issues/1045"
THREADS = (
    (
        "Gunicorn's preload option affects application thread in Docker",
        "https://github.com/benoitc/gunicorn/issues/1666",
    ),
)


APPLICATION = """
def application(environ, start_response):
    job()
    start_response("200 OK", [])
    return [b""]
"""


def run(host):
    import socket
    import time

    host.write("app.py", host.code + APPLICATION)
    server = host.start(
        "-m", "gunicorn", "--bind", "unix:socket", "--preload", "--workers", "1", "--timeout", "60", "app"
    )
    with socket.socket(socket.AF_UNIX) as client:
        while client.connect_ex("socket") and server.poll() is None:
            time.sleep(0.02)  # between two tries: its file is there before the server listens
        client.sendall(b"GET / HTTP/1.0\r\n\r\n")
        host.wait(server)
