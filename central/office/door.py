"""The door of the operator's pages: somebody signed in, then the visit with its language and form.

Who acts is who signed in (`by`), and stands in the trail.
"""

import re
from collections.abc import Awaitable, Callable

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from central import forms
from central.members.pages import Visit
from central.office.operators import Operators
from central.support.agents import Agent

Handler = Callable[[Visit], Awaitable[Response]]


class OfficeDoor:
    def __init__(self, operators: Operators) -> None:
        self._operators = operators

    def route(self, path: str, handler: Handler) -> BaseRoute:
        async def known(visit: Visit, agent: Agent) -> Response:
            visit.staff = agent.login
            visit.request.state.operator = agent
            return await handler(visit)

        return Route(path, self._operators.inside(known), methods=["GET", "POST"])


def by(visit: Visit) -> str:
    """Who answers for what this form does."""
    assert visit.staff, "the door lets nobody in without a name"
    return visit.staff


def operator(visit: Visit) -> Agent:
    agent = visit.request.state.operator
    assert isinstance(agent, Agent), "the door lets nobody else in"
    return agent


def reason(visit: Visit) -> str | None:
    return visit.form.read("reason", _reason)


def _reason(text: str) -> str:
    line = " ".join(text.split())
    if not 3 <= len(line) <= 200 or not line.isprintable():
        raise forms.Wrong("wrong.reason")
    return line


def euros(text: str) -> int:
    """A sum with its sign, at most two decimals, comma or point."""
    found = re.fullmatch("([+\\-\N{MINUS SIGN}]?)([0-9]{1,6})(?:[.,]([0-9]{1,2}))?", text.strip())
    if found is None:
        raise forms.Wrong("wrong.amount")
    minor = int(found[2]) * 100 + int((found[3] or "0").ljust(2, "0"))
    return -minor if found[1] in ("-", "\N{MINUS SIGN}") else minor
