"""What the bench shows so that one person can play every part: sent mails and sealed letters.

For this machine alone, and only where it was asked for: a mail here opens an account.
"""

import re
from collections.abc import Sequence

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from central.members.letters import LetterText
from central.members.mail import Mail, Outbox
from central.members.pages import Pages, Refusal, Visit
from central.phone.push import SimulatedPush
from central.support.options import AgentGiven

_LINK = re.compile(r"https?://\S+")


class BenchPages:
    def __init__(
        self,
        pages: Pages,
        outbox: Outbox,
        letters: Sequence[LetterText],
        agents: Sequence[AgentGiven],
        push: SimulatedPush,
    ) -> None:
        self._agents = agents
        self._pages = pages
        self._push = push
        self._outbox = outbox
        self._letters = letters

    def routes(self) -> list[BaseRoute]:
        return [Route("/bench/post", self._pages.door(self._post))]

    async def _post(self, visit: Visit) -> Response:
        if not visit.is_from_this_machine:
            raise Refusal(404, "missing")
        mails = [(mail, _link(mail)) for mail in self._outbox.mails]
        return visit.page(
            "bench_post.html",
            mails=mails,
            letters=self._letters,
            agents=self._agents,
            pushes=list(self._push.sent),
        )


def _link(mail: Mail) -> str:
    found = _LINK.search(mail.text)
    return "" if found is None else found[0]
