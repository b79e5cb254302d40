"""Values made in bulk are those that the class makes."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields, is_dataclass, replace
from typing import Any

import pytest

from matrix import model
from matrix.files import fast_dataclass
from matrix.results.merge import cell
from tests.unit.values import probe, run, verdict

VALUES = [
    verdict("yes", detail="x"),
    verdict().ended,
    cell(probe(), "fork", "t", [(run().header, verdict("no"))], None),
    model.Output(text="x", bytes=1),
    run(verdict()),
    probe(),
]


@pytest.mark.parametrize("one", VALUES, ids=lambda one: type(one).__name__)
def test_what_is_made_in_bulk_is_the_same_and_frozen(one: Any) -> None:
    make = fast_dataclass.maker(type(one))
    made = make(**{field.name: getattr(one, field.name) for field in fields(one)})
    assert (made, repr(made), type(made)) == (one, repr(one), type(one))
    assert replace(made) == one
    name = fields(one)[0].name
    with pytest.raises(FrozenInstanceError):
        setattr(made, name, None)
    assert not hasattr(made, "__dict__")


def test_defaults_are_those_of_the_class() -> None:
    make = fast_dataclass.maker(model.ProcessExit)
    assert make() == model.ProcessExit()
    assert make().leaks is not make().leaks
    with pytest.raises(TypeError):
        fast_dataclass.maker(model.Verdict)(probe="a.b")
    with pytest.raises(TypeError):
        make(more=1)


def test_every_value_of_the_model_can_be_made_in_bulk() -> None:
    kinds = [kind for kind in vars(model).values() if isinstance(kind, type) and is_dataclass(kind)]
    assert len(kinds) > 8
    for kind in kinds:
        fast_dataclass.maker(kind)
