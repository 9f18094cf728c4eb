"""What an operator says about support: when people answer, who they are, how long a complaint takes."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field

from central.entropy import Entropy
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
    are_for_this_run: bool = False  # the agents: then the bench may show their passwords


def bench_agents(entropy: Entropy) -> tuple[AgentGiven, ...]:
    """For where everything is simulated and nothing is kept: others at each start, told by it."""
    drawn = base64.b32encode(entropy.token(10)).decode().lower()
    password = "-".join(drawn[each : each + 4] for each in range(0, 16, 4))
    return (
        AgentGiven("agent", "Maite", password),
        AgentGiven("operator", "Jon", password, "operator"),
    )
