"""A support desk with an agent and an operator, and browsers that sit at it."""

from central.support.hours import Hours
from central.support.options import AgentGiven, SupportOptions
from tests.support.browser import Browser
from tests.support.members import Given, World, a_world

AGENT_PASSWORD = "seven quiet herons"
AGENTS = (
    AgentGiven("maite", "Maite", AGENT_PASSWORD),
    AgentGiven("jon", "Jon", AGENT_PASSWORD, "operator"),
)
WEEKDAYS = Hours("Europe/Madrid", dict.fromkeys(("Monday", "Tuesday"), (("08:00", "20:00"),)))


def a_desk(hours: Hours | None = None, given: Given | None = None) -> World:
    """The world of the members, with people who help; they answer at any hour unless told."""
    given = given or Given()
    given.support = SupportOptions(hours=hours or Hours(), agents=AGENTS)
    return a_world(given)


def sign_in(browser: Browser, login: str = "maite") -> Browser:
    browser.open("/desk/sign-in?lang=en")
    page = browser.send("/desk/sign-in", login=login, password=AGENT_PASSWORD)
    assert page.url.path == "/desk", page.text
    return browser
