"""Mails leave in their order, none says anything by its time, and a lost one harms nobody."""

import asyncio
import email
from pathlib import Path

from central.members.mail import Mail, MailFolder, MailLost, Outbox, Postman
from central.passwords import Passwords
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


def test_postman_when_one_is_lost_then_the_next_leaves() -> None:
    class Losing(Outbox):
        async def send(self, mail: Mail) -> None:
            if mail.subject == "lost":
                raise MailLost("no disk")
            await super().send(mail)

    async def post() -> list[Mail]:
        port = Losing()
        postman = Postman(port)
        postman.post(Mail("a@b.eus", "lost", ""))
        postman.post(MAIL)
        postman.close()
        await postman.run()
        return list(port.mails)

    assert asyncio.run(post()) == [MAIL]


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
