"""A mail server on this machine (aiosmtpd), with TLS, sign-in and answers as a test wants them.

Its clients take it for one far away: 127.0.0.2 is this machine too, but not by the name that is
spared encryption.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser
from email.policy import default
from ipaddress import IPv4Address
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509

from central.members.smtp import MailServer, SmtpMail
from tests.support import pki

FAR, NEAR = "127.0.0.2", "127.0.0.1"
SENDER = "Green Card <card@example.eus>"
USER, PASSWORD = "citere", "correct horse"


@dataclass
class Post:
    """`answers`: to the verbs RCPT and DATA, in their order; then it says yes to everything."""

    answers: list[str] = field(default_factory=list)
    verb: str = "RCPT"
    mails: list[Message] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    was_sealed: list[bool] = field(default_factory=list)
    said_by: list[str] = field(default_factory=list)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.verb == "RCPT" and self.answers:
            answer = self.answers.pop(0)
            if not answer.startswith("250"):
                return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.verb == "DATA" and self.answers:
            answer = self.answers.pop(0)
            if not answer.startswith("250"):
                return answer
        content = envelope.content
        assert isinstance(content, bytes)
        self.mails.append(BytesParser(policy=default).parsebytes(content))
        self.recipients.append(list(envelope.rcpt_tos))
        assert server.transport is not None
        self.was_sealed.append(server.transport.get_extra_info("ssl_object") is not None)
        self.said_by.append(getattr(session.auth_data, "login", b"").decode())
        return "250 kept"

    def authenticate(self, *tried: object) -> AuthResult:
        given = tried[-1]
        assert isinstance(given, LoginPassword)
        is_right = (given.login, given.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=is_right, auth_data=given, handled=False)


@dataclass(frozen=True)
class Seals:
    """The server's certificate, and the trust of who made it."""

    server: ssl.SSLContext
    trusting: ssl.SSLContext


def seals(folder: Path, name: str = FAR) -> Seals:
    authority = pki.a_root("Mail root")
    issued = authority.issue("mail", names=[x509.IPAddress(IPv4Address(name))])
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(issued.write(folder / "mail.pem"))
    trusting = ssl.create_default_context(cadata=authority.pem)
    # Made for a test, without the key identifiers that strict checks look for.
    trusting.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return Seals(server, trusting)


@dataclass(frozen=True)
class Office:
    """How a server is reached."""

    port: int
    seals: Seals | None
    is_sealed: bool

    def mail(self, *, password: str = "", host: str = FAR, trusts: bool = True) -> SmtpMail:
        user = USER if password else ""
        server = MailServer(host, self.port, self.is_sealed, user, password)
        context = self.seals.trusting if self.seals is not None and trusts else None
        return SmtpMail(server, SENDER, context=context)


@asynccontextmanager
async def serving(
    post: Post,
    *,
    seals: Seals | None = None,
    is_sealed: bool = False,
    asks_password: bool = False,
    host: str = FAR,
) -> AsyncIterator[Office]:
    """`seals`: with STARTTLS, or `is_sealed` from the first byte."""
    starttls = None if seals is None or is_sealed else seals.server

    def one() -> SMTP:
        return SMTP(
            post,
            hostname="mail.test",
            ident="mail",
            tls_context=starttls,
            require_starttls=starttls is not None,
            authenticator=post.authenticate,
            auth_required=asks_password and not is_sealed,  # it knows of STARTTLS alone
            auth_require_tls=not is_sealed,
            loop=asyncio.get_running_loop(),
        )

    secure = seals.server if seals is not None and is_sealed else None
    listening = await asyncio.get_running_loop().create_server(one, host, 0, ssl=secure)
    async with listening:
        port = listening.sockets[0].getsockname()[1]
        yield Office(port, seals, is_sealed)
