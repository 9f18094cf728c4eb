"""A card at the telephone desk, once its holder is known: its trail, blocking it, another one.

Every look and every order is in the audit before its answer leaves; the orders are also in the card's
own trail, which the holder reads.
"""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, select, update

from central.cards.replacing import Irreplaceable
from central.clock import Clock, utc_text
from central.greencard.book import may_be_blocked
from central.greencard.lineage import REPLACED
from central.greencard.trail import Note
from central.members.blocking import Blocking
from central.members.wallet import Charge, Wallet
from central.storage.tables.members import MEMBER, MEMBER_CARD
from central.storage.tables.support import REPLACEMENT_ORDER
from central.support.agents import Agent
from central.support.audit import Audit, Look
from central.system import CentralSystem

REASONS = ("lost", "stolen", "broken")
_TRAIL_SHOWN = 30


@dataclass(frozen=True, slots=True)
class Opened:
    """What the agent sees of a card. `is_ordered`: another one is to be sent when there is a blank."""

    number: str
    holder: str
    state: str
    state_reason: str
    may_block: bool
    balance_minor: int
    charges: list[Charge]
    trail: list[Note]
    is_ordered: bool

    @property
    def ending(self) -> str:
        return self.number[-4:]

    @property
    def may_replace(self) -> bool:
        return self.state_reason not in (REPLACED, "fraud") and not self.is_ordered


@dataclass(frozen=True, slots=True)
class Order:
    number: str
    ordered_at: str
    ordered_by: str
    reason: str


class CardDesk:
    def __init__(
        self,
        system: CentralSystem,
        clock: Clock,
        audit: Audit,
        *,
        wallet: Wallet,
        blocking: Blocking,
    ) -> None:
        self._system = system
        self._store = system.store
        self._rows = system.store.database
        self._clock = clock
        self._audit = audit
        self._wallet = wallet
        self._blocking = blocking

    def look(self, agent: Agent, number: str) -> Opened:
        """What the card's account has now, whatever number it was called by."""
        newest = self._store.lineage.newest(number)
        self._audit.add(Look(agent.login, "card.look", newest, "shown"))
        card = self._system.accounts.card(newest)
        assert card is not None, "a letter belongs to a card"
        numbers = list(self._store.lineage.of(newest))
        notes = [note for each in numbers for note in self._store.trail.notes(each, _TRAIL_SHOWN)]
        return Opened(
            newest,
            self._holder(newest),
            card.state,
            card.state_reason,
            may_be_blocked(card),
            self._system.accounts.balance(newest),
            self._wallet.charges_of(numbers, _TRAIL_SHOWN),
            sorted(notes, key=lambda note: note.at, reverse=True)[:_TRAIL_SHOWN],
            self.is_ordered(newest),
        )

    async def block(self, agent: Agent, number: str, reason: str) -> bool:
        """At once; what runs on it is ended. False when it was blocked before."""
        newest = await self._store.run(self._store.lineage.newest, number)
        is_blocked = await self._store.run(self._block, agent, newest, reason)
        if is_blocked:
            await self._blocking.end_charges(newest)
        return is_blocked

    def _block(self, agent: Agent, number: str, reason: str) -> bool:
        with self._store.change(*Audit.names(f"card:{number}")):
            is_blocked = self._system.accounts.block_inside(number, reason)
            if is_blocked:
                now = utc_text(self._clock.utc())
                self._store.trail.add(Note(now, number, agent.name, "blocked", reason))
            outcome = "blocked" if is_blocked else "blocked before"
            self._audit.add_inside(Look(agent.login, "card.block", number, outcome, reason))
        return is_blocked

    def replace(self, agent: Agent, number: str, reason: str) -> str:
        """`sent`: a blank took its place; `ordered`: sent when there is one; else why not."""
        return self._replace(agent, self._store.lineage.newest(number), reason)

    def _replace(self, agent: Agent, number: str, reason: str) -> str:
        try:
            done = self._system.replacing.replace(number, actor=agent.name, reason=reason)
        except Irreplaceable as error:
            outcome = error.key
            if error.key == "no_blank":
                outcome = "ordered" if self._order(agent, number, reason) else "ordered before"
        else:
            outcome = "sent"
            self._audit.add(Look(agent.login, "card.new", done.new, "sent", reason))
        self._audit.add(Look(agent.login, "card.replace", number, outcome, reason))
        return outcome

    def _order(self, agent: Agent, number: str, reason: str) -> bool:
        with self._store.change(f"card:{number}"):
            now = utc_text(self._clock.utc())
            is_new = self._rows.insert_new(
                REPLACEMENT_ORDER,
                number=number,
                state="ordered",
                ordered_at=now,
                ordered_by=agent.login,
                reason=reason,
            )
            if is_new:
                self._store.trail.add(Note(now, number, agent.name, "card.ordered", reason))
        return is_new

    def orders(self) -> list[Order]:
        """Cards that are still to be sent, oldest first."""
        due = select(REPLACEMENT_ORDER).where(REPLACEMENT_ORDER.c.state == "ordered")
        rows = self._rows.rows(due.order_by(REPLACEMENT_ORDER.c.ordered_at))
        return [Order(row.number, row.ordered_at, row.ordered_by, row.reason) for row in rows]

    def send(self, agent: Agent, number: str) -> str:
        """What was ordered when there was no blank card; no third one where it was replaced since."""
        order = next((each for each in self.orders() if each.number == number), None)
        if order is None:
            return "no_order"
        outcome = self._replace(agent, number, order.reason)
        if not outcome.startswith("ordered"):
            self._end_order(number, "made" if outcome == "sent" else "cancelled")
        return outcome

    def _end_order(self, number: str, state: str) -> None:
        with self._store.change(f"card:{number}"):
            self._rows.write(update(REPLACEMENT_ORDER).where(_due(number)).values(state=state))

    def is_ordered(self, number: str) -> bool:
        return self._rows.first(select(REPLACEMENT_ORDER).where(_due(number))) is not None

    def _holder(self, number: str) -> str:
        statement = select(MEMBER.c.name).join(MEMBER_CARD)
        found: str | None = self._rows.value(statement.where(MEMBER_CARD.c.number == number))
        return found or ""


def _due(number: str) -> ColumnElement[bool]:
    return (REPLACEMENT_ORDER.c.number == number) & (REPLACEMENT_ORDER.c.state == "ordered")
