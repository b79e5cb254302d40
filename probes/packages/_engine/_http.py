"""A small HTTP server for recipes of clients: it answers with the path that was asked for, and keeps connections."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LATENCY = 0.005  # seconds before an answer, as from a near server: requests of two processes are under way at once
bodies = []
lock = threading.Lock()


class Handler(BaseHTTPRequestHandler):
    """GET /x answers 'x'; POST keeps the body; GET /seen/x answers whether a body holds x."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        word = self.path[1:]
        if word.startswith("seen/"):
            with lock:
                word = json.dumps(any(word[5:].encode() in body for body in bodies))
        self.answer(word.encode())

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.headers.get("Content-Encoding") == "gzip":
            import gzip

            body = gzip.decompress(body)
        with lock:
            bodies.append(body)
        self.answer(b"{}")

    def answer(self, body):
        time.sleep(LATENCY)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Say nothing."""


def serve(ready):
    """Serve until killed; ready('http://127.0.0.1:…') once it listens."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    ready("http://127.0.0.1:%d" % server.server_address[1])
    server.serve_forever()
