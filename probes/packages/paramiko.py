"""Paramiko: a client of SSH, here with a server of its own in another process."""

import socket
import threading
import uuid

NAME = "paramiko"
IMPORTS = ("paramiko",)
REQUIRES = ("paramiko>=2.12",)
STANCE = "unsafe"
SAYS = "If a Transport is open during a fork, only one process can use it; atfork() ends it in the other (5.1.0)."
ADDRESS = "https://docs.paramiko.org/en/stable/api/transport.html"
THREADS = (
    (
        "Transport is close after forking",
        "https://github.com/paramiko/paramiko/issues/620",
    ),
    (
        "Issue with SFTP while using multiprocessing",
        "https://github.com/paramiko/paramiko/issues/446",
    ),
)


def serve(ready):
    import paramiko

    class Echo(paramiko.ServerInterface):
        def check_auth_password(self, username, password):
            return paramiko.AUTH_SUCCESSFUL

        def get_allowed_auths(self, username):
            return "password"

        def check_channel_request(self, kind, chanid):
            return paramiko.OPEN_SUCCEEDED

        def check_channel_exec_request(self, channel, command):
            def answer():
                channel.sendall(command)
                channel.send_exit_status(0)
                channel.close()

            threading.Timer(0.01, answer).start()  # once the request is granted
            return True

    key = paramiko.RSAKey.generate(2048)
    listener = socket.create_server(("127.0.0.1", 0))
    ready(str(listener.getsockname()[1]))
    kept = []
    while True:
        transport = paramiko.Transport(listener.accept()[0])
        transport.add_server_key(key)
        transport.start_server(event=threading.Event(), server=Echo())
        kept.append(transport)


def make(address):
    import paramiko

    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
    client.connect("127.0.0.1", int(address), "user", "secret", timeout=2, look_for_keys=False, allow_agent=False)
    return client


def use(client):
    word = str(uuid.uuid4())
    _, out, _ = client.exec_command(word, timeout=2)
    return out.read() == word.encode()


def close(client):
    client.close()
