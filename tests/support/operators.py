"""Who acts on the operator's pages in tests, and the pages with them."""

import base64

from starlette.applications import Starlette

from central.clock import Clock
from central.support.options import SupportOptions
from central.system import CentralSystem
from central.web.app import MembersWeb, Options
from tests.support.members import (
    MAITE,
    MARIA,
    OPERATOR_PASSWORD,
    CountedEntropy,
    cheap_passwords,
)


def pages(system: CentralSystem, clock: Clock) -> Starlette:
    """All pages, with an operator and an agent."""
    options = Options(
        entropy=CountedEntropy(),
        passwords=cheap_passwords(),
        support=SupportOptions(agents=(MARIA, MAITE)),
    )
    return MembersWeb(system, clock, options).app


def as_program(login: str = "maria", password: str = OPERATOR_PASSWORD) -> dict[str, str]:
    """The header of a program that signs in with each request."""
    told = base64.b64encode(f"{login}:{password}".encode()).decode()
    return {"Authorization": f"Basic {told}"}
