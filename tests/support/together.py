"""Several at once, each with a connection of its own to the same database."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

T = TypeVar("T")
AT_ONCE = 4


def at_once(job: Callable[[int], T]) -> list[T]:
    """`job(0)` … `job(3)`, begun at the same moment in threads of their own."""
    start = Barrier(AT_ONCE)

    def begin(number: int) -> T:
        start.wait(10)
        return job(number)

    with ThreadPoolExecutor(AT_ONCE) as threads:
        return list(threads.map(begin, range(AT_ONCE)))
