"""Promotions and the programme's numbers, as people change them while the system runs."""

from sqlalchemy import CheckConstraint, Column, Text

from central.storage.tables.columns import is_flag, table, text, whole

PROMOTION = table(
    "promotion",
    Column("name", Text, primary_key=True),
    text("document"),
    whole("is_ended", default=0),
    whole("place", default=0),  # in the order in which they were made
    is_flag("is_ended"),
)

PROGRAMME_VALUE = table(
    "programme_value",
    Column("name", Text, primary_key=True),
    whole("value"),
    CheckConstraint("value >= 0", "value"),
)
