"""Gunicorn: web applications; here in a request to one of its workers"""

NAME = "gunicorn"
REQUIRES = ("gunicorn>=20.1",)
STANCE = "silent"
SAYS = "Read: Settings and Design of 26.1."
ADDRESS = "https://docs.gunicorn.org/en/stable/settings.html#preload-app"


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
    server = host.start("-m", "gunicorn", "--bind", "unix:socket", "--workers", "1", "--timeout", "60", "app")
    with socket.socket(socket.AF_UNIX) as client:
        while client.connect_ex("socket") and server.poll() is None:
            time.sleep(0.02)  # between two tries: its file is there before the server listens
        client.sendall(b"GET / HTTP/1.0\r\n\r\n")
        host.wait(server)
