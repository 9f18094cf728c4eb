"""What waits to leave, as rows. Synchronous, for any thread and any process.

keep ──► due ──take──► under way ──► taken by the other side: the row is gone
           ▲               │
           └── not yet ◄───┤ tried again after a while, or given up, with a finding
                           └── a process that dies leaves it due again after `LEASE`

A message leaves once, unless its process dies between the other side's yes and our commit: then it
leaves again, with the same Message-ID.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, select, update

from central.clock import Clock, utc_from_text, utc_text
from central.feed import Feed
from central.outgoing.patience import Patience
from central.storage.store import Store
from central.storage.tables.outgoing import OUTGOING

KIND = "outgoing"  # of the feed; named by channel
LEASE = timedelta(minutes=10)
"""Longer than a try may take with every deadline in it."""
_HERE = "central"  # where findings about messages are
_REASON_MAX = 200


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message under way. `tries`: this one included."""

    id: int
    channel: str
    address: str
    document: str
    made_at: str
    ends_at: str
    tries: int
    refusals: int


class Outgoing:
    """`patience`: of each channel."""

    def __init__(
        self, store: Store, clock: Clock, feed: Feed, patience: dict[str, Patience]
    ) -> None:
        self._store = store
        self._rows = store.database
        self._clock = clock
        self._feed = feed
        self._patience = patience

    def keep(self, channel: str, address: str, document: str) -> None:
        with self._store.change():
            self.keep_inside(channel, address, document)

    def keep_inside(
        self, channel: str, address: str, document: str, *, lasts: timedelta | None = None
    ) -> None:
        """In the commit of what the message is about. `lasts`: where it is worth less than others."""
        now = self._clock.utc()
        self._rows.insert(
            OUTGOING,
            channel=channel,
            address=address,
            document=document,
            made_at=utc_text(now),
            due_at=utc_text(now),
            ends_at=utc_text(now + (lasts or self._patience[channel].lasts)),
        )
        self._feed.changed(KIND, channel)

    def take(self, channel: str, most: int) -> list[Waiting]:
        """The oldest that are due; nobody else has them for `LEASE`."""
        now = self._clock.utc()
        due = (
            select(OUTGOING.c.id, OUTGOING.c.tries)
            .where(OUTGOING.c.channel == channel, OUTGOING.c.due_at <= utc_text(now))
            .order_by(OUTGOING.c.due_at, OUTGOING.c.id)
            .limit(most)
        )
        found = self._rows.rows(due)
        if not found:
            return []
        with self._store.change():
            mine = [row.id for row in found if self._take_inside(row.id, row.tries)]
            kept = select(OUTGOING).where(OUTGOING.c.id.in_(mine)).order_by(OUTGOING.c.id)
            rows = self._rows.rows(kept)
        return [Waiting(**{n: getattr(row, n) for n in Waiting.__slots__}) for row in rows]

    def _take_inside(self, number: int, tries: int) -> bool:
        """False: another process was first."""
        until = utc_text(self._clock.utc() + LEASE)
        as_seen = (OUTGOING.c.id == number) & (OUTGOING.c.tries == tries)
        taking = update(OUTGOING).where(as_seen).values(due_at=until, tries=tries + 1)
        return self._rows.write(taking) == 1

    def gone(self, message: Waiting) -> None:
        """It is taken, or nobody is there for it any more."""
        with self._store.change():
            self._rows.write(delete(OUTGOING).where(OUTGOING.c.id == message.id))

    def not_yet(
        self,
        message: Waiting,
        reason: str,
        *,
        is_refused: bool = False,
        after: timedelta = timedelta(),
    ) -> bool:
        """To be tried again; False: it is given up, and a finding says so."""
        patience = self._patience[message.channel]
        refusals = message.refusals + is_refused
        due = self._clock.utc() + patience.wait(message.tries, after)
        if refusals >= patience.refusals_most or due >= utc_from_text(message.ends_at):
            self._give_up(message, reason)
            return False
        with self._store.change():
            mine = (OUTGOING.c.id == message.id) & (OUTGOING.c.tries == message.tries)
            again = update(OUTGOING).where(mine)
            self._rows.write(again.values(due_at=utc_text(due), refusals=refusals))
        return True

    def _give_up(self, message: Waiting, reason: str) -> None:
        whose = masked(message.address) if message.channel == "mail" else "a browser"
        said = reason.replace(message.address, whose)[:_REASON_MAX]
        detail = f"{message.channel} {message.id} to {whose}, tried {message.tries} times: {said}"
        with self._store.change():
            self._rows.write(delete(OUTGOING).where(OUTGOING.c.id == message.id))
            code = f"{message.channel}.given_up"
            finding = self._store.add_finding(utc_text(self._clock.utc()), _HERE, code, detail)
            self._feed.changed("finding", str(finding.id))

    def forget_inside(self, channel: str, address: str) -> None:
        """Nothing more leaves for whoever this was."""
        theirs = (OUTGOING.c.channel == channel) & (OUTGOING.c.address == address)
        self._rows.write(delete(OUTGOING).where(theirs))

    def waiting(self) -> Sequence[tuple[str, int, str]]:
        """(channel, how many, since when the oldest), for whoever watches."""
        counted = select(OUTGOING.c.channel, func.count(), func.min(OUTGOING.c.made_at))
        rows = self._rows.rows(counted.group_by(OUTGOING.c.channel).order_by(OUTGOING.c.channel))
        return [(str(row[0]), int(row[1]), str(row[2])) for row in rows]


def masked(address: str) -> str:
    """Enough to recognise, too little to write to."""
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}•••@{domain}"
