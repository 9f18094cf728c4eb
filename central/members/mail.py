"""Mail to members: a port, and what stands in for it where nobody has a mailbox."""

import asyncio
import logging
from collections import deque
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol

logger = logging.getLogger(__name__)

_WAITING_MAX = 1000  # beyond it a mail is refused and counted: memory is bounded
_KEPT_MAX = 50


class MailLost(Exception):
    """The mail did not leave; whoever asked for it may ask again."""


@dataclass(frozen=True, slots=True)
class Mail:
    """`unsubscribe`: address that ends such mails; empty where each was asked for by itself."""

    to: str
    subject: str
    text: str
    unsubscribe: str = ""

    def message(self, sender: str) -> EmailMessage:
        """Lines and headers are kept apart by the library, whatever people are called."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = sender, self.to, self.subject
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834 §5
        if self.unsubscribe:  # RFC 2369 §3.2, RFC 8058: one click in the mail program
            message["List-Unsubscribe"] = f"<{self.unsubscribe}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message.set_content(self.text)
        return message


class MailPort(Protocol):
    async def send(self, mail: Mail) -> None:
        """Hand one mail over, within a minute. Raises MailLost."""
        ...


class Outbox:
    """The newest mails, to be read on a page of the bench."""

    def __init__(self) -> None:
        self.mails: deque[Mail] = deque(maxlen=_KEPT_MAX)

    async def send(self, mail: Mail) -> None:
        self.mails.appendleft(mail)


class MailFolder:
    """Each mail a file, for a mail server that takes them from a folder."""

    def __init__(self, folder: Path, sender: str) -> None:
        self._folder = folder
        self._sender = sender
        self._count = 0

    async def send(self, mail: Mail) -> None:
        self._count += 1
        await asyncio.to_thread(self._write, self._count, bytes(mail.message(self._sender)))

    def _write(self, number: int, content: bytes) -> None:
        unfinished = self._folder / f"{number:08}.part"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            while (finished := self._folder / f"{number:08}.eml").exists():
                number += 1
            unfinished.write_bytes(content)
            unfinished.rename(finished)
        except OSError as error:
            raise MailLost(f"{self._folder}: {error}") from error


class Postman:
    """Takes mails at once, so that no answer tells by its time whether there was one to send."""

    def __init__(self, port: MailPort) -> None:
        self._port = port
        self._waiting: asyncio.Queue[Mail | None] = asyncio.Queue(_WAITING_MAX)

    def post(self, mail: Mail) -> None:
        try:
            self._waiting.put_nowait(mail)
        except asyncio.QueueFull:
            logger.exception("mail refused: too many are waiting")

    async def run(self) -> None:
        """Until `close`; what waits is sent before."""
        while (mail := await self._waiting.get()) is not None:
            await self._send(mail)

    async def deliver(self) -> None:
        """What waits now, where nobody runs `run`."""
        while not self._waiting.empty():
            mail = self._waiting.get_nowait()
            if mail is not None:
                await self._send(mail)

    def close(self) -> None:
        if not self._waiting.full():
            self._waiting.put_nowait(None)

    async def _send(self, mail: Mail) -> None:
        try:
            await self._port.send(mail)
        except MailLost:
            logger.exception("mail lost")
