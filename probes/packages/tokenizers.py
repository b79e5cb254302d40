"""Tokenizers: text to tokens for language models, in Rust with a pool of threads."""

NAME = "tokenizers"
IMPORTS = ("tokenizers",)
REQUIRES = ("tokenizers>=0.13",)
STANCE = "unsafe"
SAYS = "Avoid using tokenizers before the fork; a child that was forked afterwards warns, and computes without threads."
ADDRESS = "https://github.com/huggingface/tokenizers/blob/main/bindings/python/src/lib.rs"


def make():
    import tokenizers

    words = {"can": 0, "i": 1, "fork": 2, "?": 3}
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordLevel(words, unk_token="?"))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    return tokenizer


def use(tokenizer):
    told = tokenizer.encode_batch(["can i fork ?"] * 200)
    return [one.ids for one in told] == [[0, 1, 2, 3]] * 200


def close(tokenizer):
    pass
