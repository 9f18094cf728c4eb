"""Cards before they are anybody's, and after another one took their place."""

from sqlalchemy import Index

from central.storage.tables.columns import (
    key,
    table,
    text,
    text_or_none,
    whole_or_none,
)

# Personalised cards. `taken_at`: when one was activated, sold, or given for another. `shop_id`: where it
# lies, when it was given to a shop.
BLANK_CARD = table(
    "blank_card",
    key("number"),
    text("batch"),
    text("made_at"),
    text_or_none("taken_at"),
    whole_or_none("shop_id"),
    Index("blank_card_batch", "batch"),
    Index("blank_card_shop", "shop_id"),
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
