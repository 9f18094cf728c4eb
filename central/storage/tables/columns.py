"""What all tables share: one catalogue, and types that mean the same in SQLite and PostgreSQL.

Times are ISO 8601 text in UTC (they sort as they pass), documents are JSON text, money is a whole
number of minor units. SQLite's STRICT tables know no other types than these.
"""

from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, MetaData, Table, Text
from sqlalchemy import text as sql
from sqlalchemy.schema import SchemaItem

# 64 bits in both; SQLite numbers rows by itself only where the type is called INTEGER.
WHOLE = BigInteger().with_variant(Integer(), "sqlite")

METADATA = MetaData(
    naming_convention={
        "ix": "%(table_name)s_%(column_0_N_name)s",
        "uq": "%(table_name)s_%(column_0_N_name)s_once",
        "ck": "%(table_name)s_%(constraint_name)s",
        "fk": "%(table_name)s_%(column_0_name)s_of_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def table(name: str, *parts: SchemaItem) -> Table:
    return Table(name, METADATA, *parts, sqlite_strict=True)


def text(name: str, *parts: SchemaItem, default: str | None = None) -> Column[str]:
    """`default`: what rows have that were made before the column, or without it."""
    return Column(name, Text, *parts, nullable=False, server_default=default)


def text_or_none(name: str, *parts: SchemaItem) -> Column[str | None]:
    return Column(name, Text, *parts, nullable=True)


def whole(name: str, *parts: SchemaItem, default: int | None = None) -> Column[int]:
    given = None if default is None else sql(str(default))
    return Column(name, WHOLE, *parts, nullable=False, server_default=given)


def whole_or_none(name: str, *parts: SchemaItem) -> Column[int | None]:
    return Column(name, WHOLE, *parts, nullable=True)


def row_number() -> Column[int]:
    """`id`, counted by the database."""
    return Column("id", WHOLE, primary_key=True, autoincrement=True)


def key(name: str) -> Column[str]:
    """What a row is found by; several make one key."""
    return Column(name, Text, primary_key=True)


def whole_key(name: str, *parts: SchemaItem) -> Column[int]:
    """Part of a key; never counted by the database."""
    return Column(name, WHOLE, *parts, primary_key=True, autoincrement=False)


def is_flag(column: str) -> CheckConstraint:
    """0 or 1: STRICT tables have no booleans."""
    return CheckConstraint(f"{column} IN (0, 1)", column)


def is_one_of(column: str, *words: str) -> CheckConstraint:
    known = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{column} IN ({known})", column)


def is_not_negative(column: str) -> CheckConstraint:
    return CheckConstraint(f"{column} >= 0", column)


def is_positive(column: str) -> CheckConstraint:
    return CheckConstraint(f"{column} > 0", column)
