"""joblib: parallel calls; here one in a worker of its default backend"""

NAME = "joblib"
REQUIRES = ("joblib>=1.1",)
STANCE = "silent"
SAYS = "Read: Parallel and the README (1.5.3): of processes that a worker starts it says nothing."
ADDRESS = "https://joblib.readthedocs.io/en/stable/parallel.html"
THREADS = (
    (
        "Sorting error when using joblib: cannot find context for 'loky'",
        "https://github.com/SpikeInterface/spikeinterface/issues/823",
    ),
)


MAIN = """
import joblib

from app import job

if __name__ == "__main__":
    joblib.Parallel(n_jobs=2)(joblib.delayed(job)() for _ in range(1))
"""


def run(host):
    host.write("app.py", host.code)
    host.write("main.py", MAIN)
    host.wait(host.start("main.py"))
