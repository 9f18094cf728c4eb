"""Messages that wait to leave: mails, and pushes to browsers. A row is there until its message is gone."""

from sqlalchemy import Index

from central.storage.tables.columns import is_one_of, row_number, table, text, whole

# `due_at`: not before; while somebody tries to send it, when it is due again if they die.
# `tries` begun, `refusals` of them because of the message itself; `ends_at`: worth nothing afterwards.
OUTGOING = table(
    "outgoing",
    row_number(),
    text("channel"),
    text("address"),
    text("document"),
    text("made_at"),
    text("due_at"),
    text("ends_at"),
    whole("tries", default=0),
    whole("refusals", default=0),
    is_one_of("channel", "mail", "push"),
    Index("outgoing_due", "channel", "due_at"),
    Index("outgoing_address", "address"),
)
