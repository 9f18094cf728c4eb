"""What an operator says about support: when people answer, who they are, how long a complaint takes."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from central.support.hours import Hours, office
from central.support.messaging import MessagingPort


@dataclass(frozen=True, slots=True)
class AgentGiven:
    """Made when missing; the password of one that exists stays as it is."""

    login: str
    name: str
    password: str
    role: str = "agent"


@dataclass(frozen=True, slots=True)
class SupportOptions:
    """`messaging` None: simulated, with its page under /bench.

    `complaint_days`: until a complaint is answered. The law allows a month (Real Decreto Legislativo
    1/2007 art. 21.3).
    """

    hours: Hours = field(default_factory=office)
    agents: Sequence[AgentGiven] = ()
    messaging: MessagingPort | None = None
    complaint_days: int = 15


BENCH_AGENTS = (
    AgentGiven("agent", "Maite", "green bicycle bell"),
    AgentGiven("operator", "Jon", "green bicycle bell", "operator"),
)
"""Where everything is simulated and nothing is kept; their password is on the page of the bench."""
