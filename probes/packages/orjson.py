"""orjson: JSON, in Rust."""

NAME = "orjson"
IMPORTS = ("orjson",)
REQUIRES = ("orjson>=3.6",)
STANCE = "unread"
SAYS = "Nobody has read yet what the documentation says of fork."
ADDRESS = "https://github.com/ijl/orjson"


def make():
    return {"numbers": list(range(100)), "text": "grüße"}


def use(data):
    import orjson

    text = orjson.dumps(data)
    return orjson.loads(text) == data and "grüße".encode() in text


def close(data):
    pass
