"""Mail to members: a port, and what stands in for it where nobody has a mailbox."""

import asyncio
import re
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from pathlib import Path
from typing import Protocol

_KEPT_MAX = 50
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class MailLost(Exception):
    """The mail did not leave; later it may."""


class MailRefused(MailLost):
    """The server knows the recipient or takes such a mail no more."""


@dataclass(frozen=True, slots=True)
class Mail:
    """`unsubscribe`: address that ends such mails; empty where each was asked for by itself.

    `number`, `written_at`: once it is kept; a mail that arrives twice says that it is the same.
    """

    to: str
    subject: str
    text: str
    unsubscribe: str = ""
    number: int = 0
    written_at: datetime | None = None

    def __post_init__(self) -> None:
        for line in (self.to, self.unsubscribe):
            if _CONTROLS.search(line):
                raise ValueError(f"{line!r} is not one line")

    def message(self, sender: str) -> EmailMessage:
        """One recipient, and headers of one line each, whatever people are called. Raises MailRefused
        of an address that is none."""
        message = EmailMessage()
        try:
            message["To"] = Address(addr_spec=self.to)
        except (ValueError, IndexError, MessageError) as error:  # each is one of the parser's
            raise MailRefused(f"not an address: {error}") from error
        message["From"], message["Subject"] = sender, _CONTROLS.sub(" ", self.subject)
        if self.written_at is not None:  # RFC 5322 §3.6.1, §3.6.4
            message["Date"] = format_datetime(self.written_at)
            domain = parseaddr(sender)[1].rpartition("@")[2]
            mark = f"{self.written_at:%Y%m%d%H%M%S%f}.{self.number}"
            message["Message-ID"] = f"<{mark}@{domain}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834 §5
        if self.unsubscribe:  # RFC 2369 §3.2, RFC 8058: one click in the mail program
            message["List-Unsubscribe"] = f"<{self.unsubscribe}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message.set_content(self.text)
        return message


class MailPort(Protocol):
    async def send(self, mail: Mail) -> None:
        """Hand one mail over, within minutes. Raises MailLost, or MailRefused."""
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
