"""Charge points: who may connect as one, which server process holds it, and orders on their way."""

from sqlalchemy import Index, UniqueConstraint

from central.storage.tables.columns import (
    is_one_of,
    key,
    row_number,
    table,
    text,
    text_or_none,
    whole,
)

# `password`: salted and hashed (central/ocpp/passwords.py); never the password.
POINT = table(
    "point",
    key("id"),
    text("password"),
)

# What a point last told, for the processes that do not hold it. `process`: empty when none does.
POINT_STATE = table(
    "point_state",
    key("point"),
    text("process"),
    text("document"),
    Index("point_state_process", "process"),
)

# Processes that share this database; each holds an advisory lock on its name while it lives.
SERVER_PROCESS = table(
    "server_process",
    key("id"),
    text("started_at"),
)

# A call to a point that another process holds; gone when whoever asked has read the answer.
POINT_ORDER = table(
    "point_order",
    row_number(),
    text("point"),
    text("asked_by"),
    text("asked_of"),
    text("action"),
    text("payload"),
    text("at"),
    text_or_none("answer"),
    Index("point_order_asked_of", "asked_of"),
)

# The newest messages with points of all processes, as the operator's log shows them.
FRAME = table(
    "frame",
    row_number(),
    text("at"),
    text("point"),
    text("direction"),
    text("text"),
    is_one_of("direction", "in", "out"),
)

# Of each tag the newest change only. `status`: OCPP 1.6 AuthorizationStatus; none: not listed any more.
LIST_ENTRY = table(
    "list_entry",
    key("id_tag"),
    whole("version"),
    text_or_none("status"),
    UniqueConstraint("version"),
)

# The newest list version that a point said it has.
POINT_LIST = table(
    "point_list",
    key("point"),
    whole("version"),
)
