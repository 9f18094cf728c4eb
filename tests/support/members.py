"""A members' web with cheap hashes, an outbox, sealed letters and a bank to play with."""

import asyncio
import re
from dataclasses import dataclass, field

from argon2 import PasswordHasher

from central.members.advice import FlatRate
from central.members.letters import LetterText
from central.members.mail import Mail, Outbox
from central.passwords import Passwords
from central.phone.push import Push, PushPort
from central.support.options import AgentGiven, SupportOptions
from central.system import CentralSystem
from central.web.app import MembersWeb, Options
from tests.support.browser import Browser
from tests.support.central import CARD, FixedClock, a_system

CODE = "K7PQ2M9X"
PASSWORD = "three green bicycles"
EMAIL = "ane@example.eus"
URL = "http://127.0.0.1"
OPERATOR_PASSWORD = "four patient ferries"
MARIA = AgentGiven("maria", "Maria", OPERATOR_PASSWORD, "operator")
MAITE = AgentGiven("maite", "Maite", OPERATOR_PASSWORD)


@dataclass
class CountedEntropy:
    """The same names in the same order."""

    count: int = 0

    def token(self, size: int) -> bytes:
        self.count += 1
        return self.count.to_bytes(size)


def cheap_passwords() -> Passwords:
    return Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@dataclass
class World:
    """A central system with its members' web; `mails` as they would arrive."""

    system: CentralSystem
    clock: FixedClock
    web: MembersWeb
    outbox: Outbox

    def mails(self) -> list[Mail]:
        asyncio.run(self.web.services.postman.deliver())
        return list(self.outbox.mails)

    def pushes(self) -> list[Push]:
        asyncio.run(self.web.push_post.courier.round())
        return list(self.web.push.sent)

    def newest_link(self) -> str:
        found = re.search(rf"{URL}(/\S+)", self.mails()[0].text)
        assert found is not None
        return found[1]

    def browser(self, **options: str) -> Browser:
        return Browser(self.web.app, base=options.get("base", URL))

    def operator(self) -> Browser:
        """Maria has signed in."""
        browser = self.browser()
        browser.open("/operator/sign-in")
        browser.send("/operator/sign-in", login=MARIA.login, password=MARIA.password)
        return browser

    def member(self, browser: Browser, email: str = EMAIL, name: str = "Ane") -> None:
        """Signed up, confirmed and signed in."""
        browser.open("/sign-up")
        browser.send("/sign-up", name=name, email=email, password=PASSWORD, password_again=PASSWORD)
        link = self.newest_link()
        browser.open(link)
        browser.send(link, password=PASSWORD)

    def member_with_card(self, browser: Browser, number: str = CARD, email: str = EMAIL) -> None:
        self.member(browser, email)
        browser.open("/me/card/activate")
        page = browser.send("/me/card/activate", number=number, code=CODE)
        assert page.status_code == 200
        assert page.url.path == "/me/card/questions"


@dataclass
class Given:
    letters: list[LetterText] = field(default_factory=lambda: [LetterText(CARD, CODE, "48120933")])
    flat_rate: FlatRate | None = None
    support: SupportOptions = field(default_factory=lambda: SupportOptions(agents=(MARIA, MAITE)))
    push: PushPort | None = None


def a_world(given: Given | None = None) -> World:
    clock = FixedClock()
    system = a_system(clock=clock)
    given = given or Given()
    for letter in given.letters:
        system.accounts.create_card(letter.number, balance_minor=2000)
    options = Options(
        public_url=URL,
        letters=given.letters,
        flat_rate=given.flat_rate,
        entropy=CountedEntropy(),
        passwords=cheap_passwords(),
        support=given.support,
        push=given.push,
    )
    web = MembersWeb(system, clock, options)
    return World(system, clock, web, web.outbox)
