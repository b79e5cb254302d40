"""A call that is begun ahead: its result, its error, and no call that outlives its block."""

from __future__ import annotations

import threading

import pytest

from matrix.system.ahead import Ahead


def test_the_result_is_there_when_it_is_wanted() -> None:
    with Ahead(lambda _: 42) as asked:
        assert asked.result() == 42


def test_an_error_is_raised_where_the_result_is_wanted() -> None:
    def work(_: threading.Event) -> None:
        raise ValueError("wrong")

    with pytest.raises(ValueError, match="wrong"), Ahead(work) as asked:
        asked.result()


def test_a_call_is_told_to_give_up_and_waited_for_when_the_block_fails() -> None:
    ended = threading.Event()

    def work(cancelled: threading.Event) -> None:
        cancelled.wait()
        ended.set()

    with pytest.raises(KeyboardInterrupt), Ahead(work):
        raise KeyboardInterrupt
    assert ended.is_set()
