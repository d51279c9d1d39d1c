"""One at a time, and nobody is forgotten."""

import threading

import pytest

from tasks.turnstile import Turnstile


def test_who_comes_while_it_is_busy_is_served_by_the_one_inside() -> None:
    turnstile, inside, go_on = Turnstile(), threading.Event(), threading.Event()
    rounds: list[int] = []

    def _work() -> int:
        rounds.append(1)
        inside.set()
        go_on.wait(5)
        return 1

    thread = threading.Thread(target=turnstile.passed, args=(_work,))
    thread.start()
    assert inside.wait(5)
    assert [turnstile.passed(_work) for _ in range(3)] == [0, 0, 0]
    go_on.set()
    thread.join()
    assert len(rounds) == 2
    assert turnstile.passed(lambda: 7) == 7


def test_an_error_does_not_block_it() -> None:
    turnstile = Turnstile()

    def _fail() -> int:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        turnstile.passed(_fail)
    assert turnstile.passed(lambda: 1) == 1
