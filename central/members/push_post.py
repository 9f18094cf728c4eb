"""Messages to browsers, kept as mails are; a browser that is gone is not written to again."""

import hashlib
import json
from datetime import timedelta

from central.clock import Clock, utc_from_text
from central.members.pages import Visit
from central.outgoing.courier import Courier, NotNow, Outcome, Refused, Taken
from central.outgoing.queue import Outgoing, Waiting
from central.phone.browsers import Browsers
from central.phone.push import (
    Push,
    PushGone,
    PushLost,
    PushPort,
    PushRefused,
    WrongSubscription,
)
from central.system import CentralSystem

CHANNEL = "push"


class PushPost:
    def __init__(
        self,
        system: CentralSystem,
        clock: Clock,
        outgoing: Outgoing,
        browsers: Browsers,
        port: PushPort,
    ) -> None:
        self._store = system.store
        self._clock = clock
        self._outgoing = outgoing
        self._browsers = browsers
        self._port = port
        self.courier = Courier(system.store, system.feed, outgoing, CHANNEL, self._deliver)

    def keep_inside(self, message: Push, *, lasts: timedelta) -> None:
        told = {"title": message.title, "text": message.text, "link": message.link}
        document = json.dumps({**told, "is_urgent": message.is_urgent}, ensure_ascii=False)
        self._outgoing.keep_inside(CHANNEL, message.address, document, lasts=lasts)

    async def _deliver(self, message: Waiting) -> Outcome:
        left = utc_from_text(message.ends_at) - self._clock.utc()
        ttl_s = max(0, int(left.total_seconds()))
        push = Push(message.address, **json.loads(message.document), ttl_s=ttl_s)
        try:
            await self._port.push(push)
        except PushGone:
            await self._store.run(self._drop, message.address)
        except PushLost as error:
            return NotNow(str(error), error.after)
        except PushRefused as error:
            return Refused(str(error))
        return Taken()

    def _drop(self, address: str) -> None:
        with self._store.change():
            self._browsers.gone_inside(address)
            self._outgoing.forget_inside(CHANNEL, address)


def browser_address(visit: Visit, port: PushPort | None) -> str | None:
    """What the visitor's browser gave its page (static/charge.js); None: the form says what is wrong."""
    given = visit.form.text("subscription")
    if port is not None and port.key == "":  # simulated: the visitor's own name will do
        given = f"bench:{hashlib.sha256(visit.cookie.encode()).hexdigest()[:16]}"
    try:
        address = None if port is None else port.accept(given)
    except WrongSubscription:
        address = None
    if address is None:
        visit.form.refuse("form", "wrong.push")
    return address
