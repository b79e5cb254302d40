"""A recipe for tests: a host that ends without running the code."""

NAME = "silent"
REQUIRES = ("silent>=1",)
STANCE = "silent"
SAYS = "Nothing."
ADDRESS = "https://example.org/"


def run(host):
    host.wait(host.start("-c", "raise SystemExit('no such application')"))
