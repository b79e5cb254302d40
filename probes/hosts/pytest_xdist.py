"""pytest-xdist: tests in several processes; here one test in a worker"""

NAME = "pytest-xdist"
REQUIRES = ("pytest-xdist>=2.0",)
STANCE = "silent"
SAYS = "Read: the documentation of 3.8."
ADDRESS = "https://pytest-xdist.readthedocs.io/en/stable/known-limitations.html"


def run(host):
    host.write("test_app.py", host.code + "\n\ndef test_job():\n    job()\n")
    host.wait(host.start("-m", "pytest", "-n", "1", "-p", "no:cacheprovider", "test_app.py"))
