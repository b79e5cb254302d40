"""Pydantic: validation of data, in Rust."""

NAME = "pydantic"
IMPORTS = ("pydantic",)
REQUIRES = ("pydantic>=2.0",)
STANCE = "silent"
SAYS = "Read: the documentation of 2.13."
ADDRESS = "https://docs.pydantic.dev/latest/"


def make():
    import typing

    import pydantic

    return pydantic.TypeAdapter(typing.List[int])


def use(adapter):
    return adapter.validate_python(["1", 2]) == [1, 2] and adapter.dump_json([3]) == b"[3]"


def close(adapter):
    pass
