"""PostgreSQL through psycopg; whoever imports this imports the driver."""

from typing import Any

from psycopg.abc import Buffer
from psycopg.types.string import StrDumper
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL
from typing_extensions import override


class _WithoutNul(StrDumper):
    """PostgreSQL keeps no U+0000, and whoever sends one is still to be answered."""

    @override
    def dump(self, obj: str) -> Buffer | None:
        return super().dump(obj.replace("\0", "\ufffd"))


def engine_of(url: URL, *, connections_max: int) -> Engine:
    """A pool; a connection that died in it is replaced before it is used."""
    engine = create_engine(url, pool_size=connections_max, max_overflow=0, pool_pre_ping=True)

    @event.listens_for(engine, "connect")
    def adapt(driver: Any, _: object) -> None:
        driver.adapters.register_dumper(str, _WithoutNul)

    return engine
