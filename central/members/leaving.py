"""A member's data, and what becomes of it when they leave.

Kept, because the law says so (Código de Comercio art. 30: six years): postings, receipts, payments,
without the person. Erased: name, e-mail, password, sessions, questions, and who held which card.
"""

from dataclasses import asdict
from typing import Any

from sqlalchemy import update

from central.members.forgetting import forget_inside, support_of
from central.members.pages import Member
from central.members.services import Services
from central.storage.tables.members import PAYMENT


def data_of(services: Services, member: Member) -> dict[str, Any]:
    """File by file; numbers of minor units, times in UTC. No hash and no secret."""
    wallet = services.wallet
    trail = services.system.store.trail
    return {
        "member": services.people.record_of(member),
        "cards": [
            {
                "number": holding.number,
                "state": holding.card.state,
                "plan": asdict(holding.plan),
                "points": holding.card.points,
                "balanceMinor": holding.balance_minor,
                "securityQuestions": [question for question, _ in wallet.questions(holding.number)],
            }
            for holding in wallet.holdings(member)
        ],
        "charges": [asdict(charge) for charge in wallet.charges(member, limit=100_000)],
        "movements": wallet.movements(member, limit=100_000),
        "receipts": wallet.receipts(member),
        "payments": [asdict(payment) for payment in services.payments.of_member(member.id)],
        "trail": [
            asdict(note)
            for number in wallet.every_number(member)
            for note in trail.notes(number, 100_000)
        ],
        "reservations": [
            asdict(each) for each in services.system.reservations.desk.mine(member.id)
        ],
        "support": support_of(services.system.store.database, member),
    }


class Leaving:
    def __init__(self, services: Services) -> None:
        self._services = services

    def obstacle(self, member: Member) -> str:
        """Why not now, as a key of the catalogue; empty when nothing is in the way."""
        for holding in self._services.wallet.holdings(member):
            if holding.held_minor > 0:
                return "leave.charging"
            if holding.balance_minor < 0:
                return "leave.debt"
        return ""

    def leave(self, member: Member) -> None:
        """All of it or nothing, but for what is still reserved: that is cancelled first, in steps of
        its own. The cards stay cards: their money is used at any point."""
        system = self._services.system
        numbers = self._services.wallet.numbers(member)
        system.reservations.desk.let_go(member.id)
        names = [f"card:{number}" for number in numbers]
        with system.store.change(f"member:{member.id}", f"email:{member.email}", *names):
            self._services.wallet.let_go_inside(member)
            theirs = PAYMENT.c.member_id == member.id
            system.store.database.write(update(PAYMENT).where(theirs).values(member_id=None))
            forget_inside(system.store.database, member)
            self._services.postman.forget_inside(member.email)
            self._services.people.erase_inside(member)
        for number in numbers:
            system.feed.changed("card", number)
