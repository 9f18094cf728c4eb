"""Takes mails and keeps them; a courier hands them to the mail server, again where it must."""

import json
from datetime import timedelta

from central.clock import utc_from_text
from central.members.mail import Mail, MailLost, MailPort, MailRefused
from central.outgoing.courier import Courier, NotNow, Outcome, Refused, Taken
from central.outgoing.queue import Outgoing, Waiting
from central.system import CentralSystem

CHANNEL = "mail"


class Postman:
    def __init__(self, system: CentralSystem, outgoing: Outgoing, port: MailPort) -> None:
        self._run = system.store.run
        self._outgoing = outgoing
        self._port = port
        self.courier = Courier(system.store, system.feed, outgoing, CHANNEL, self._deliver)

    async def post(self, mail: Mail, *, is_wanted: bool = True) -> None:
        """Durable when this returns. Not `is_wanted`: the same work, and nothing leaves, so that no
        answer tells by its time whether there was one to send.
        """
        address = mail.to if is_wanted else ""
        await self._run(self._outgoing.keep, CHANNEL, address, _document(mail))

    def keep_inside(self, mail: Mail, *, lasts: timedelta | None = None) -> None:
        """In the commit of what the mail is about. `lasts`: how long it is worth sending."""
        self._outgoing.keep_inside(CHANNEL, mail.to, _document(mail), lasts=lasts)

    def forget_inside(self, address: str) -> None:
        self._outgoing.forget_inside(CHANNEL, address)

    async def deliver(self) -> None:
        """What is due now, where nobody runs the courier."""
        await self.courier.round()

    async def _deliver(self, message: Waiting) -> Outcome:
        if not message.address:
            return Taken()
        try:
            await self._port.send(_mail(message))
        except MailRefused as error:
            return Refused(str(error))
        except MailLost as error:
            return NotNow(str(error))
        return Taken()


def _document(mail: Mail) -> str:
    kept = {"subject": mail.subject, "text": mail.text, "unsubscribe": mail.unsubscribe}
    return json.dumps(kept, ensure_ascii=False)


def _mail(message: Waiting) -> Mail:
    written_at = utc_from_text(message.made_at)
    told = json.loads(message.document)
    return Mail(message.address, **told, number=message.id, written_at=written_at)
