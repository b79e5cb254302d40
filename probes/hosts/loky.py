"""loky: an executor of processes; here a task in one of its workers"""

NAME = "loky"
REQUIRES = ("loky>=3.0",)
STANCE = "silent"
SAYS = "Read: README and API (3.5.6): of processes that a worker starts it says nothing."
ADDRESS = "https://loky.readthedocs.io/en/stable/API.html"
THREADS = (
    (
        "Sorting error when using joblib: cannot find context for 'loky'",
        "https://github.com/SpikeInterface/spikeinterface/issues/823",
    ),
)


MAIN = """
import loky

from app import job

if __name__ == "__main__":
    loky.get_reusable_executor(max_workers=1).submit(job).result(60)
"""


def run(host):
    host.write("app.py", host.code)
    host.write("main.py", MAIN)
    host.wait(host.start("main.py"))
