"""A recipe for tests: a host that runs the code as a script."""

NAME = "script"
REQUIRES = ("script>=1",)
STANCE = "silent"
SAYS = "Nothing."
ADDRESS = "https://example.org/"


def run(host):
    host.write("main.py", host.code + "\n\nif __name__ == '__main__':\n    job()\n")
    host.wait(host.start("main.py"))
