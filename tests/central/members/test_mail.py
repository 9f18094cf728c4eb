"""Mails leave in their order, none says anything by its time, and a lost one harms nobody."""

import asyncio
import email
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from central.members.mail import Mail, MailFolder, MailLost
from central.members.postman import Postman
from central.passwords import Passwords
from tests.support.central import FixedClock, a_system
from tests.support.members import cheap_passwords

MAIL = Mail("ane@example.eus", "Your link — esteka", "Hello!\n\nhttp://x/")


def test_folder_when_a_mail_is_sent_then_a_whole_message(tmp_path: Path) -> None:
    async def send() -> None:
        folder = MailFolder(tmp_path, "green-card@example.eus")
        await folder.send(MAIL)
        await MailFolder(tmp_path, "green-card@example.eus").send(MAIL)

    asyncio.run(send())
    first, second = sorted(tmp_path.iterdir())
    message = email.message_from_bytes(first.read_bytes())
    assert message["To"] == "ane@example.eus"
    assert message["Auto-Submitted"] == "auto-generated"
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.usefixtures("both_databases")
def test_postman_when_one_is_lost_then_the_next_leaves_and_the_first_later() -> None:
    @dataclass
    class Losing:
        is_away: bool = True
        mails: list[Mail] = field(default_factory=list)

        async def send(self, mail: Mail) -> None:
            if mail.subject == "lost" and self.is_away:
                raise MailLost("no disk")
            self.mails.append(mail)

    clock, port = FixedClock(), Losing()
    system = a_system(clock=clock)
    postman = Postman(system, system.outgoing, port)

    async def post() -> None:
        await postman.post(Mail("a@b.eus", "lost", ""))
        await postman.post(replace(MAIL, unsubscribe="https://x/no-more/a"))
        await postman.post(Mail("nobody@b.eus", "not wanted", ""), is_wanted=False)
        await postman.deliver()
        clock.advance(minutes=1)
        port.is_away = False
        await postman.deliver()

    asyncio.run(post())
    first, second = port.mails
    assert (first.subject, second.subject) == (MAIL.subject, "lost")
    assert (first.to, first.text, first.unsubscribe) == (MAIL.to, MAIL.text, "https://x/no-more/a")
    assert first.message("c@d.eus")["Message-ID"] != second.message("c@d.eus")["Message-ID"]
    assert system.outgoing.waiting() == []


def test_password_of_nobody_is_worked_out_as_well() -> None:
    """What takes the time happens for the unknown too."""

    async def ask(passwords: Passwords) -> tuple[bool, bool, bool]:
        kept = await passwords.hashed("right")
        return (
            await passwords.is_right(kept, "right"),
            await passwords.is_right(kept, "wrong"),
            await passwords.is_right(None, "nobody has this password"),
        )

    assert asyncio.run(ask(cheap_passwords())) == (True, False, False)
