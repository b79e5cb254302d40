"""orjson: JSON, in Rust."""

NAME = "orjson"
IMPORTS = ("orjson",)
REQUIRES = ("orjson>=3.6",)
STANCE = "safe"
SAYS = "Its tests use it in forked workers of Gunicorn (README of 3.11.8)."
ADDRESS = "https://github.com/ijl/orjson#testing"


def make():
    return {"numbers": list(range(100)), "text": "grüße"}


def use(data):
    import orjson

    text = orjson.dumps(data)
    return orjson.loads(text) == data and "grüße".encode() in text


def close(data):
    pass
