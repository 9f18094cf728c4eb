"""Cards before they are anybody's, and after another one took their place."""

from sqlalchemy import Index

from central.storage.tables.columns import (
    key,
    table,
    text,
    text_or_none,
)

# Personalised cards. `taken_at`: when one was activated, sold, or given for another.
BLANK_CARD = table(
    "blank_card",
    key("number"),
    text("batch"),
    text("made_at"),
    text_or_none("taken_at"),
    Index("blank_card_batch", "batch"),
)

# Numbers that are dead for ever. `newest`: the number that has the account now, however often it moved.
CARD_SUCCESSOR = table(
    "card_successor",
    key("number"),
    text("newest"),
    text("at"),
    text("actor"),
    text("reason"),
    Index("card_successor_newest", "newest"),
)
