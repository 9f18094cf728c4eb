"""What the areas of the members' web share: people, cards, money, mail, brakes."""

import ipaddress

from central.brakes import Brakes
from central.clock import Clock
from central.entropy import Entropy
from central.limits import Purse
from central.members.blocking import Blocking
from central.members.letters import Letters
from central.members.pages import Refusal, Visit
from central.members.payments import PaymentPort, Payments
from central.members.people import People
from central.members.postman import Postman
from central.members.wallet import Wallet
from central.passwords import Passwords
from central.system import CentralSystem

# Enough for a family behind one address, too little for a search.
_DOOR = Purse("door", tries=20, every_s=15)
_MAIL = Purse("mail", tries=3, every_s=600)


class WebBrakes:
    """The brakes of all processes, as pages use them: who must wait is refused."""

    def __init__(self, brakes: Brakes) -> None:
        self._brakes = brakes
        self.succeeded = brakes.succeeded
        self.withdrawn = brakes.withdrawn

    async def at_the_door(self, visit: Visit) -> None:
        """Every try with a secret in it passes here; raises Refusal."""
        await self.of_visitor(_DOOR, visit)

    async def of_visitor(self, purse: Purse, visit: Visit) -> None:
        """An area's own purse for whoever shares the visitor's address; raises Refusal."""
        await self.of_name(purse, neighbourhood(visit.address))

    async def of_name(self, purse: Purse, name: str) -> None:
        """An area's own purse for somebody it knows; raises Refusal."""
        _refuse(await self._brakes.spend(purse, name))

    async def of(self, *accounts: str) -> None:
        """Raises Refusal while one of them (an e-mail, a card; known or not) must wait. Else the try
        counts as wrong until `succeeded` or `withdrawn`.
        """
        _refuse(await self._brakes.tried(*accounts))

    async def may_mail(self, email: str) -> bool:
        return await self._brakes.spend(_MAIL, email) == 0


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
        self.brakes = WebBrakes(system.brakes)
