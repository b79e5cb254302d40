"""Frozen classes, of which objects are sent; a module of its own, since dataclasses is slow to import."""

import sys
from dataclasses import dataclass


@dataclass(frozen=True)
class ByHand:
    """Its slots are written by hand."""

    __slots__ = ("number",)
    number: int

    def answer(self):
        return self.number


if sys.version_info >= (3, 10):

    @dataclass(frozen=True, slots=True)
    class ByDecorator:
        """Its slots are made by the decorator."""

        number: int

        def answer(self):
            return self.number
