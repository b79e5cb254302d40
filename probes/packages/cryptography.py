"""cryptography: ciphers and certificates, on OpenSSL and Rust."""

import os

NAME = "cryptography"
IMPORTS = ("cryptography.fernet",)
REQUIRES = ("cryptography>=3.4",)
STANCE = "silent"
SAYS = "Read: the pages on random numbers, in which processes do not occur (2026)."
ADDRESS = "https://cryptography.io/en/latest/random-numbers/"


def make():
    from cryptography.fernet import Fernet

    return Fernet(Fernet.generate_key())


def use(cipher):
    word = os.urandom(16)
    return cipher.decrypt(cipher.encrypt(word)) == word


def close(cipher):
    pass
