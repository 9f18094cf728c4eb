"""What the areas of the members' web share: people, cards, money, mail, brakes."""

import ipaddress
from dataclasses import dataclass, field

from central.clock import Clock
from central.entropy import Entropy
from central.limits import AccountBrake, AddressBrake, Purse
from central.members.blocking import Blocking
from central.members.letters import Letters
from central.members.mail import Postman
from central.members.pages import Refusal, Visit
from central.members.payments import PaymentPort, Payments
from central.members.people import People
from central.members.wallet import Wallet
from central.passwords import Passwords
from central.system import CentralSystem

# Enough for a family behind one address, too little for a search.
_DOOR = Purse(tries=20, every_s=15)
_MAIL = Purse(tries=3, every_s=600)


@dataclass
class Brakes:
    """Of one process: where several serve, each counts for itself."""

    clock: Clock
    door: AddressBrake = field(default_factory=lambda: AddressBrake(_DOOR))
    mail: AddressBrake = field(default_factory=lambda: AddressBrake(_MAIL))
    account: AccountBrake = field(default_factory=AccountBrake)

    def at_the_door(self, visit: Visit) -> None:
        """Every try with a secret in it passes here; raises Refusal."""
        self.of_visitor(self.door, visit)

    def of_visitor(self, brake: AddressBrake, visit: Visit) -> None:
        """An area's own brake for whoever shares the visitor's address; raises Refusal."""
        self.of_name(brake, neighbourhood(visit.address))

    def of_name(self, brake: AddressBrake, name: str) -> None:
        """An area's own brake for somebody it knows; raises Refusal."""
        self._refuse(brake.wait_s(name, self.clock.monotonic()))

    def of(self, account: str) -> None:
        """Raises Refusal while the account (an e-mail, a card; known or not) must wait."""
        self._refuse(self.account.wait_s(account, self.clock.monotonic()))

    def failed(self, account: str) -> None:
        self.account.failed(account, self.clock.monotonic())

    def may_mail(self, email: str) -> bool:
        return self.mail.wait_s(email, self.clock.monotonic()) == 0

    @staticmethod
    def _refuse(wait_s: float) -> None:
        if wait_s > 0:
            raise Refusal(429, "wait", retry_after_s=wait_s)


def neighbourhood(address: str) -> str:
    """What one customer has: an IPv4 address, or the 2^64 addresses of an IPv6 network."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    return address if found.version == 4 else str(ipaddress.ip_network((int(found), 64), False))


class Services:
    def __init__(
        self,
        system: CentralSystem,
        clock: Clock,
        entropy: Entropy,
        *,
        provider: PaymentPort,
        postman: Postman,
        passwords: Passwords | None = None,
    ) -> None:
        self.system = system
        self.run = system.store.run
        self.clock = clock
        self.entropy = entropy
        self.people = People(system.store, clock, entropy)
        self.letters = Letters(system.store, clock)
        self.wallet = Wallet(system, clock, self.letters)
        self.blocking = Blocking(system.store, self.wallet, clock, system.call)
        self.payments = Payments(system, clock, entropy)
        self.provider = provider
        self.postman = postman
        self.passwords = passwords or Passwords()
        self.brakes = Brakes(clock)
