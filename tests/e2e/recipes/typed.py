"""A recipe for tests: a host that runs the code without a module that a child could import."""

NAME = "typed"
REQUIRES = ("typed>=1",)
STANCE = "silent"
SAYS = "Nothing."
ADDRESS = "https://example.org/"


def run(host):
    host.write("typed.txt", host.code)
    host.wait(host.start("-c", "exec(open('typed.txt').read()); job()"))
