"""Several at once, each with a connection of its own to the same database."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from pathlib import Path
from threading import Barrier
from typing import TypeVar

import pytest

from central.storage.store import Store
from central.system import CentralSystem
from tests.support.postgres import Server

T = TypeVar("T")
AT_ONCE = 4
_GATE_S = 20

Systems = Callable[[], AbstractContextManager[list[CentralSystem]]]
"""Gives, as a context, `AT_ONCE` central systems on one empty database."""


def at_once(job: Callable[[int], T]) -> list[T]:
    """`job(0)` … `job(3)`, begun at the same moment in threads of their own."""
    return all_at_once([partial(job, number) for number in range(AT_ONCE)])


def all_at_once(jobs: Sequence[Callable[[], T]]) -> list[T]:
    """Each in a thread of its own, all let go at the same moment."""
    gate = Barrier(len(jobs))

    def begin(job: Callable[[], T]) -> T:
        gate.wait(_GATE_S)
        return job()

    with ThreadPoolExecutor(len(jobs)) as threads:
        return list(threads.map(begin, jobs))


def systems_on(request: pytest.FixtureRequest, made: Callable[[Store], CentralSystem]) -> Systems:
    """For a fixture with the params "sqlite" and "postgresql"; `made` puts a system on a store."""
    if request.param == "sqlite":
        return partial(_in_one_file, made)
    server: Server = request.getfixturevalue("postgres_server")
    return partial(_on_server, server, made)


@contextmanager
def _in_one_file(made: Callable[[Store], CentralSystem]) -> Iterator[list[CentralSystem]]:
    """As many processes have it: each its own connection to one file."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as life:
        stores = [Store(Path(folder) / "central.sqlite") for _ in range(AT_ONCE)]
        for store in stores:
            life.callback(store.close)
        yield [made(store) for store in stores]


@contextmanager
def _on_server(
    server: Server, made: Callable[[Store], CentralSystem]
) -> Iterator[list[CentralSystem]]:
    with server.fresh() as url, ExitStack() as life:
        store = Store(url)  # of any thread: each takes a connection of its own
        life.callback(store.close)
        yield [made(store) for _ in range(AT_ONCE)]
