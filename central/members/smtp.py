"""Mails by SMTP (RFC 5321): handed to the operator's mail server, encrypted wherever it is not this machine."""

import asyncio
import contextlib
import smtplib
import ssl
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from central.errors import CentralError
from central.members.mail import Mail, MailLost, MailRefused

_LIMIT_S = 30.0
_SUBMISSION, _SUBMISSIONS = 587, 465  # RFC 6409 §3.1, RFC 8314 §3.3
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


class WrongServer(CentralError):
    """An address that names no mail server."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """`is_sealed`: TLS from the first byte; else STARTTLS, without which no password and no mail leaves."""

    host: str
    port: int
    is_sealed: bool
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def is_local(self) -> bool:
        return self.host in _LOCAL


def mail_server(address: str, password: str) -> MailServer:
    """Of `smtp://user@host:port` or `smtps://…`; raises WrongServer."""
    parts = urlsplit(address)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.password:
        raise WrongServer(f"{address.rpartition('@')[2]}: not smtp://user@host:port")
    is_sealed = parts.scheme == "smtps"
    port = parts.port or (_SUBMISSIONS if is_sealed else _SUBMISSION)
    return MailServer(parts.hostname, port, is_sealed, unquote(parts.username or ""), password)


class SmtpMail:
    """Implements mail.MailPort; a connection for each mail, because they are few and servers hang up."""

    def __init__(
        self, server: MailServer, sender: str, *, context: ssl.SSLContext | None = None
    ) -> None:
        self._server = server
        self._sender = sender
        self._context = context or ssl.create_default_context()

    async def send(self, mail: Mail) -> None:
        try:
            await asyncio.to_thread(self._deliver, mail)
        except MailLost:
            raise
        except smtplib.SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()))
            raise _loss(self._server.host, code, said) from error
        except smtplib.SMTPDataError as error:
            raise _loss(self._server.host, error.smtp_code, error.smtp_error) from error
        except (OSError, smtplib.SMTPException) as error:
            raise MailLost(f"{self._server.host}: {error!r}") from error

    def _deliver(self, mail: Mail) -> None:
        message = mail.message(self._sender)
        link = self._connected()
        try:
            if not self._server.is_sealed and not self._server.is_local:
                link.starttls(context=self._context)
            if self._server.user:
                link.login(self._server.user, self._server.password)
            link.send_message(message, to_addrs=[mail.to])
            # The mail is theirs now: a farewell that fails changes nothing (RFC 5321 §4.1.1.10).
            with contextlib.suppress(OSError, smtplib.SMTPException):
                link.quit()
        finally:
            link.close()

    def _connected(self) -> smtplib.SMTP:
        host, port = self._server.host, self._server.port
        if self._server.is_sealed:
            return smtplib.SMTP_SSL(host, port, timeout=_LIMIT_S, context=self._context)
        return smtplib.SMTP(host, port, timeout=_LIMIT_S)


def _loss(host: str, code: int, said: bytes | str) -> MailLost:
    """5yz: the server will say the same again (RFC 5321 §4.2.1)."""
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    kind = MailRefused if code >= 500 else MailLost
    return kind(f"{host}: {code} {text}")
