"""Celery: tasks; here one in a worker of its prefork pool"""

NAME = "celery"
REQUIRES = ("celery>=5.0",)
STANCE = "silent"
SAYS = "Read: Workers, Concurrency and the FAQ of 5.6, in which only its own workers are forked."
ADDRESS = "https://docs.celeryq.dev/en/stable/userguide/concurrency/index.html"
THREADS = (
    (
        "Tasks are not allowed to start subprocesses",
        "https://github.com/celery/celery/issues/1709",
    ),
    (
        "daemonic processes are not allowed to have children",
        "https://github.com/celery/celery/issues/4525",
    ),
)


TASK = """
from celery import Celery

app = Celery("app", broker="filesystem://")
app.conf.broker_transport_options = {"data_folder_in": "queue", "data_folder_out": "queue", "control_folder": "queue"}


@app.task
def task():
    job()


def send():
    task.delay()
"""


def run(host):
    import os

    os.mkdir("queue")
    host.write("app.py", host.code + TASK)
    host.start("-c", "import app; app.send()").wait()
    host.wait(host.start("-m", "celery", "--app", "app", "worker", "--pool", "prefork", "--concurrency", "1"))
