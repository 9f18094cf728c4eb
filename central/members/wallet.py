"""A member's cards: whose they are, what is on them, where they were used."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import delete, select

from central.clock import Clock, utc_text
from central.greencard.accounts import Card, Plan, charges_until_discount
from central.greencard.blanks import SENT, WAITING, Blanks
from central.greencard.book import DEBT, may_be_blocked, takes_money
from central.greencard.trail import Note
from central.members.letters import Letters
from central.members.pages import Member
from central.ocpp.list_rows import Confirmed, confirmed
from central.storage.tables.accounts import RECEIPT, TRANSACTION
from central.storage.tables.members import MEMBER_CARD, SECURITY_QUESTION
from central.system import CentralSystem

HOLDER = "holder"
LOST = "lost"


@dataclass(frozen=True, slots=True)
class Holding:
    """A card as its holder sees it. `until_discount` None: there is no such offer."""

    card: Card
    plan: Plan
    balance_minor: int
    held_minor: int
    until_discount: int | None
    has_questions: bool
    unpaid_minor: int = 0  # this month's fee of a flat rate, for which the balance was too small
    confirmed: Confirmed | None = None  # which points know that it is not active

    @property
    def number(self) -> str:
        return self.card.number

    @property
    def is_active(self) -> bool:
        return self.card.state == "active"

    @property
    def takes_money(self) -> bool:
        return takes_money(self.card)

    @property
    def may_block(self) -> bool:
        return may_be_blocked(self.card)

    @property
    def is_on_its_way(self) -> bool:
        """Made for a card that was lost; its letter's code opens it."""
        return self.card.state_reason == SENT


def meant(holdings: Sequence[Holding], ending: str) -> Holding | None:
    """The member's card with that ending; the first where none is named. Addresses carry no whole number."""
    return next((each for each in holdings if each.number.endswith(ending)), None)


@dataclass(frozen=True, slots=True)
class Charge:
    """`total_minor` None: not settled yet. `page`: the name of its receipt's page."""

    started_at: str
    stopped_at: str | None
    place: str
    connector: int
    energy_wh: int
    total_minor: int | None
    receipt_number: str | None
    page: str | None
    number: str


class Wallet:
    def __init__(self, system: CentralSystem, clock: Clock, letters: Letters) -> None:
        self._system = system
        self._store = system.store
        self._rows = system.store.database
        self._book = system.accounts
        self._clock = clock
        self._letters = letters
        self._blanks = Blanks(system.store, clock)

    # --- whose --------------------------------------------------------------------------------------

    def activate(self, member: Member, number: str) -> bool:
        """After the code of its letter was right; False when it cannot be theirs any more."""
        with self._store.change(f"card:{number}"):
            card = self._store.card(number)
            if card is None or not self._may_activate(card, member):
                return False
            if not self._letters.use_inside(number):
                return False
            now = utc_text(self._clock.utc())
            self._rows.insert_new(MEMBER_CARD, number=number, member_id=member.id, since=now)
            self._wake_inside(card)
            self._store.trail.add(Note(now, number, HOLDER, "activated", ""))
        self._system.feed.changed("card", number)
        return True

    def _may_activate(self, card: Card, member: Member) -> bool:
        """Nobody's card, or one that was sent to them for another."""
        whose = select(MEMBER_CARD.c.member_id).where(MEMBER_CARD.c.number == card.number)
        holder = self._rows.value(whose)
        is_waiting = card.state == "active" or card.state_reason in WAITING
        return is_waiting and holder in (None, member.id)

    def _wake_inside(self, card: Card) -> None:
        """A card that waited for its code charges from now on, unless its account is in debt."""
        self._blanks.take_inside(card.number)
        if card.state_reason not in WAITING:
            return
        in_debt = self._store.balance(f"card:{card.number}") < 0
        state, reason = ("blocked", DEBT) if in_debt else ("active", "")
        self._store.save_card(replace(card, state=state, state_reason=reason))
        self._letters.forget_inside(self._store.lineage.of(card.number)[1:])

    def numbers(self, member: Member) -> list[str]:
        statement = select(MEMBER_CARD.c.number).where(MEMBER_CARD.c.member_id == member.id)
        order = (MEMBER_CARD.c.since, MEMBER_CARD.c.number)
        return [row.number for row in self._rows.rows(statement.order_by(*order))]

    def every_number(self, member: Member) -> list[str]:
        """Those of their cards, and those that the cards took the place of."""
        lineage = self._store.lineage
        return [each for number in self.numbers(member) for each in lineage.of(number)]

    def holdings(self, member: Member) -> list[Holding]:
        return [self._holding(number) for number in self.numbers(member)]

    def _holding(self, number: str) -> Holding:
        card = self._book.card(number)
        assert card is not None, f"a member holds a card that does not exist: {number[-4:]}"
        asked = select(SECURITY_QUESTION.c.position).where(SECURITY_QUESTION.c.number == number)
        return Holding(
            card,
            self._book.plan_now(card),
            self._book.balance(number),
            self._book.held(number),
            charges_until_discount(card, self._book.programme),
            self._rows.first(asked) is not None,
            self._book.unpaid_now(card),
            None if card.state == "active" else confirmed(self._rows, number),
        )

    def block(self, member: Member, number: str) -> bool:
        """At once and without a question; only people undo it. False when it is not theirs."""
        with self._store.change(f"card:{number}"):
            if number not in self.numbers(member):
                return False
            if self._book.block_inside(number, LOST):
                self._store.trail.add(self._note(number, "blocked", LOST))
        return True

    def let_go_inside(self, member: Member) -> None:
        """Of every card: its money and its charges stay, who held it does not."""
        for number in self.numbers(member):
            questions = SECURITY_QUESTION.c.number == number
            self._system.phone.preferences.forget_inside(number)
            self._rows.write(delete(SECURITY_QUESTION).where(questions))
            self._store.trail.add(self._note(number, "released", "its holder left"))
        self._rows.write(delete(MEMBER_CARD).where(MEMBER_CARD.c.member_id == member.id))

    # --- security questions -------------------------------------------------------------------------

    def ask(self, member: Member, number: str, asked: list[tuple[str, str]]) -> bool:
        """(question, slow hash of the answer), in place of those before."""
        if number not in self.numbers(member):
            return False
        with self._store.change(f"card:{number}"):
            self._rows.write(delete(SECURITY_QUESTION).where(SECURITY_QUESTION.c.number == number))
            for position, (question, answer_hash) in enumerate(asked, start=1):
                self._rows.insert(
                    SECURITY_QUESTION,
                    number=number,
                    position=position,
                    question=question,
                    answer_hash=answer_hash,
                )
            self._store.trail.add(self._note(number, "questions", ""))
        return True

    def questions(self, number: str) -> list[tuple[str, str]]:
        """(question, slow hash of the answer), in their order."""
        statement = select(SECURITY_QUESTION).where(SECURITY_QUESTION.c.number == number)
        rows = self._rows.rows(statement.order_by(SECURITY_QUESTION.c.position))
        return [(row.question, row.answer_hash) for row in rows]

    # --- what was used ------------------------------------------------------------------------------

    def charges(self, member: Member, limit: int = 200) -> list[Charge]:
        """Of all their cards, newest first."""
        return self.charges_of(self.every_number(member), limit)

    def charges_of(self, numbers: list[str], limit: int = 200) -> list[Charge]:
        is_its = (RECEIPT.c.point == TRANSACTION.c.point) & (
            RECEIPT.c.number == TRANSACTION.c.receipt_number
        )
        statement = (
            select(TRANSACTION, RECEIPT.c.page)
            .outerjoin(RECEIPT, is_its)
            .where(TRANSACTION.c.id_tag.in_(numbers))
            .order_by(TRANSACTION.c.started_at.desc(), TRANSACTION.c.id.desc())
            .limit(limit)
        )
        return [self._charge(row) for row in self._rows.rows(statement)]

    def _charge(self, row: Any) -> Charge:
        point = self._system.registry.known(row.point)
        return Charge(
            row.started_at,
            row.stopped_at,
            row.point if point is None else point.site.name,
            row.connector,
            row.meter_wh - row.meter_start_wh,
            row.total_minor,
            row.receipt_number,
            row.page,
            row.id_tag,
        )

    def movements(self, member: Member, limit: int = 100) -> list[dict[str, Any]]:
        """Money on their cards: `at`, `memo`, `amount_minor`, `number`; newest first."""
        found = [
            {**posting, "number": number}
            for number in self.every_number(member)
            for posting in self._store.postings(f"card:{number}", limit)
        ]
        return sorted(found, key=lambda each: str(each["at"]), reverse=True)[:limit]

    def trail(self, member: Member, limit: int = 50) -> list[Note]:
        """What happened to their cards and who did it, newest first."""
        notes = [
            note
            for number in self.every_number(member)
            for note in self._store.trail.notes(number, limit)
        ]
        return sorted(notes, key=lambda note: note.at, reverse=True)[:limit]

    def receipts(self, member: Member) -> list[dict[str, Any]]:
        """The documents as the points sent them."""
        statement = select(RECEIPT.c.document).where(
            RECEIPT.c.id_tag.in_(self.every_number(member))
        )
        rows = self._rows.rows(statement.order_by(RECEIPT.c.at))
        return [json.loads(row.document) for row in rows]

    def _note(self, number: str, event: str, detail: str) -> Note:
        return Note(utc_text(self._clock.utc()), number, HOLDER, event, detail)
