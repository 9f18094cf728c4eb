"""The databases that the central system's tests run against: SQLite, and PostgreSQL where there is one."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from central.storage.store import Store
from tests.support import postgres
from tests.support.central import OPENED, a_system
from tests.support.together import Systems, systems_on


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    try:
        with postgres.running() as server:
            yield server
    except postgres.NoPostgres as reason:
        pytest.skip(str(reason))


@pytest.fixture
def postgres_place(postgres_server: postgres.Server) -> Iterator[str]:
    """The URL of a database of this test's own, of the newest schema."""
    with postgres_server.fresh() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest) -> str:
    """Where a Store may be opened: in memory, then in PostgreSQL."""
    if request.param == "sqlite":
        return ":memory:"
    url: str = request.getfixturevalue("postgres_place")
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def both_databases(request: pytest.FixtureRequest) -> Iterator[None]:
    """The systems that a test makes keep their accounts in memory, then in PostgreSQL."""
    if request.param == "sqlite":
        yield
        return
    server: postgres.Server = request.getfixturevalue("postgres_server")
    with ExitStack() as life:

        def opened() -> Store:
            store = Store(life.enter_context(server.fresh()))
            life.callback(store.close)
            return store

        before = OPENED.set(opened)
        yield
        OPENED.reset(before)


@pytest.fixture(params=["sqlite", "postgresql"])
def shared(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Store]]:
    """Opens the same database again and again."""
    opened: list[Store] = []
    place = str(tmp_path / "central.sqlite")
    if request.param == "postgresql":
        place = request.getfixturevalue("postgres_place")

    def open_it() -> Store:
        opened.append(Store(place))
        return opened[-1]

    yield open_it
    for store in opened:
        store.close()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def systems(request: pytest.FixtureRequest) -> Systems:
    """Several on one database."""
    return systems_on(request, a_system)
