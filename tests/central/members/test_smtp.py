"""Mails by SMTP, to a server that speaks it: whole, once, and lost aloud when it refuses."""

import asyncio
import email
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from central.members.mail import Mail, MailLost
from central.members.smtp import MailServer, SmtpMail, WrongServer, mail_server

MAIL = Mail("ane@example.eus", "Zure karga — aurrera", "Kaixo!\n.\nagur\n", "https://x/no-more/a")
SENDER = "green-card@example.eus"


@dataclass
class Server:
    """RFC 5321, as much as a client needs; `refuses` a verb with 550."""

    refuses: str = ""
    said: list[str] = field(default_factory=list)
    mails: list[bytes] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        def say(text: str) -> None:
            writer.write(f"{text}\r\n".encode())

        say("220 here")
        while line := (await reader.readline()).decode().strip():
            verb = line.split()[0].upper()
            self.said.append(line)
            if verb == self.refuses:
                say("550 not here")
            elif verb == "DATA":
                say("354 go on")
                await writer.drain()
                content = await reader.readuntil(b"\r\n.\r\n")
                self.mails.append(content.removesuffix(b".\r\n").replace(b"\r\n..", b"\r\n."))
                say("250 kept")
            elif verb == "QUIT":
                say("221 bye")
                break
            else:
                say("250 yes")
            await writer.drain()
        writer.close()


@asynccontextmanager
async def serving(server: Server) -> AsyncIterator[SmtpMail]:
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    async with listening:
        port = listening.sockets[0].getsockname()[1]
        yield SmtpMail(MailServer("127.0.0.1", port, is_sealed=False), SENDER)


def test_mail_when_the_server_takes_it_then_it_is_whole() -> None:
    server = Server()

    async def send() -> None:
        async with serving(server) as port:
            await port.send(MAIL)

    asyncio.run(send())
    message = email.message_from_bytes(server.mails[0])
    assert message["To"] == MAIL.to
    assert message["List-Unsubscribe"] == "<https://x/no-more/a>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    payload = message.get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert payload.decode().replace("\r\n", "\n") == MAIL.text
    assert len(server.mails) == 1


@pytest.mark.parametrize("refused", ["MAIL", "RCPT", "DATA"])
def test_mail_when_the_server_refuses_then_it_is_lost_aloud(refused: str) -> None:
    server = Server(refused)

    async def send() -> None:
        async with serving(server) as port:
            await port.send(MAIL)

    with pytest.raises(MailLost):
        asyncio.run(send())
    assert server.mails == []


def test_mail_when_nobody_listens_then_it_is_lost_aloud() -> None:
    with pytest.raises(MailLost):
        asyncio.run(SmtpMail(MailServer("127.0.0.1", 1, is_sealed=False), SENDER).send(MAIL))


def test_server_when_named_then_read() -> None:
    assert mail_server("smtp://citere%40x.es@mail.x.es", "s") == MailServer(
        "mail.x.es", 587, is_sealed=False, user="citere@x.es", password="s"
    )
    assert mail_server("smtps://mail.x.es:4650", "").port == 4650
    assert mail_server("smtps://mail.x.es", "").port == 465
    assert "secret" not in repr(MailServer("h", 1, is_sealed=True, password="secret"))


@pytest.mark.parametrize("address", ["mail.x.es", "http://x.es", "smtp://", "smtp://a:b@x.es"])
def test_server_when_wrongly_named_then_refused(address: str) -> None:
    with pytest.raises(WrongServer):
        mail_server(address, "")
