"""Mails by SMTP to a server of somebody else's making: sealed, signed in, refused, and put off."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from central.members.mail import Mail, MailLost, MailRefused
from tests.support.mail_server import (
    FAR,
    NEAR,
    PASSWORD,
    SENDER,
    USER,
    Office,
    Post,
    Seals,
    seals,
    serving,
)

MAIL = Mail(
    "ane@example.eus",
    "Zure karga — aurrera",
    "Kaixo!\n.\nagur\n",
    "https://x/no-more/a",
    number=7,
    written_at=datetime(2026, 11, 21, 8, 0, tzinfo=UTC),
)


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Seals:
    return seals(tmp_path_factory.mktemp("mail"))


def sent(post: Post, mail: Mail = MAIL, **options: object) -> Exception | None:
    """What became of it; None: it left. Options of the server, and of its client."""
    of_client = {k: options.pop(k) for k in ("password", "trusts") if k in options}

    async def go() -> None:
        async with serving(post, **options) as office:  # type: ignore[arg-type]
            client = office.mail(host=str(options.get("host", FAR)), **of_client)  # type: ignore[arg-type]
            await client.send(mail)

    try:
        asyncio.run(go())
    except MailLost as error:
        return error
    return None


@pytest.mark.parametrize("is_sealed", [False, True])
def test_mail_when_the_server_takes_it_then_it_arrives_whole_sealed_and_from_us(
    sealed: Seals, *, is_sealed: bool
) -> None:
    post = Post()
    options = {"seals": sealed, "is_sealed": is_sealed, "asks_password": True}
    assert sent(post, password=PASSWORD, **options) is None
    (mail,) = post.mails
    assert post.recipients == [["ane@example.eus"]]
    assert post.was_sealed == [True]
    assert post.said_by == [USER]
    assert (mail["To"], mail["From"], mail["Subject"]) == (MAIL.to, SENDER, MAIL.subject)
    assert mail["List-Unsubscribe"] == "<https://x/no-more/a>"
    assert mail["Message-ID"] == "<20261121080000000000.7@example.eus>"
    assert mail["Date"] == "Sat, 21 Nov 2026 08:00:00 +0000"
    payload = mail.get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert payload.decode().replace("\r\n", "\n") == MAIL.text


@pytest.mark.parametrize("is_sealed", [False, True])
def test_mail_when_nobody_we_trust_signed_the_server_then_not_a_word_is_said(
    sealed: Seals, *, is_sealed: bool
) -> None:
    post = Post()
    error = sent(post, seals=sealed, is_sealed=is_sealed, trusts=False, password=PASSWORD)
    assert "CERTIFICATE_VERIFY_FAILED" in str(error)
    assert not isinstance(error, MailRefused)
    assert post.mails == []


@pytest.mark.parametrize("is_sealed", [False, True])
def test_mail_when_the_certificate_is_of_another_then_nothing_leaves(
    tmp_path: Path, *, is_sealed: bool
) -> None:
    post = Post()
    error = sent(post, seals=seals(tmp_path, "127.0.0.9"), is_sealed=is_sealed)
    assert "CERTIFICATE_VERIFY_FAILED" in str(error)
    assert post.mails == []


def test_mail_when_the_server_offers_no_seal_then_nothing_leaves_this_machine() -> None:
    post = Post()
    assert sent(post) is not None
    assert post.mails == []
    assert sent(post, host=NEAR) is None
    assert post.was_sealed == [False]


def test_mail_when_the_password_is_wrong_then_it_waits(sealed: Seals) -> None:
    post = Post()
    error = sent(post, seals=sealed, asks_password=True, password="wrong")
    assert error is not None
    assert not isinstance(error, MailRefused)
    assert "wrong" not in str(error)
    assert post.mails == []


@pytest.mark.parametrize("verb", ["RCPT", "DATA"])
@pytest.mark.parametrize(
    ("answer", "is_refused"),
    [("450 later", False), ("451 greylisted", False), ("550 nobody", True), ("554 no", True)],
)
def test_mail_when_the_server_says_no_then_for_now_or_for_good(
    verb: str, answer: str, *, is_refused: bool
) -> None:
    post = Post([answer], verb)
    error = sent(post, host=NEAR)
    assert isinstance(error, MailLost)
    assert isinstance(error, MailRefused) == is_refused
    assert answer.partition(" ")[2] in str(error)
    assert sent(post, host=NEAR) is None


def test_mail_when_the_farewell_fails_then_it_was_sent_all_the_same() -> None:
    """Else it would be sent again."""
    post = Post()

    async def go() -> None:
        async with serving(post, host=NEAR) as office:

            async def cut(server: object, session: object, envelope: object) -> str:
                await Post.handle_DATA(post, server, session, envelope)  # type: ignore[arg-type]
                asyncio.get_running_loop().call_soon(server.transport.abort)  # type: ignore[attr-defined]
                return "250 kept"

            post.handle_DATA = cut  # type: ignore[method-assign, assignment]
            await office.mail(host=NEAR).send(MAIL)

    try:
        asyncio.run(go())
    except MailLost:
        # The cut may come before our side read the yes; then nobody can know, and it is tried again.
        assert len(post.mails) == 1
    assert len(post.mails) == 1


@given(st.text(max_size=60))
def test_subject_when_anything_then_one_line_and_no_header_more(subject: str) -> None:
    message = Mail("ane@example.eus", f"a{subject}", "text").message(SENDER)
    assert sorted(message.keys()) == sorted({*message.keys()})
    assert message.get_all("To") == ["ane@example.eus"]
    assert message["Bcc"] is None
    head = bytes(message).partition(b"\n\n")[0]
    lines = [line for line in head.split(b"\n") if line[:1] not in (b" ", b"\t")]
    assert len(lines) == len(message.keys())


@pytest.mark.parametrize(
    "to",
    [
        "a@b.es\nBcc: c@d.es",
        "a@b.es\r\nBcc: c@d.es",
        "a@b.es\x00",
        "a@b.es\u2028Bcc: c@d.es",
    ],
)
def test_address_when_it_is_more_than_a_line_then_there_is_no_such_mail(to: str) -> None:
    with pytest.raises(ValueError, match="not one line"):
        Mail(to, "s", "t")
    with pytest.raises(ValueError, match="not one line"):
        Mail("a@b.es", "s", "t", unsubscribe=to)


@pytest.mark.parametrize("to", ["", "a", "a@", "a@b.es, c@d.es", "<a@b.es> c@d.es", "a b@c.es"])
def test_address_when_it_is_none_or_two_then_the_mail_is_refused(to: str) -> None:
    post = Post()
    assert isinstance(sent(post, Mail(to, "s", "t"), host=NEAR), MailRefused)
    assert post.mails == []


def test_office_when_nobody_is_there_then_it_waits() -> None:
    async def go() -> None:
        async with serving(Post(), host=NEAR) as office:
            port = office.port
        await Office(port, None, is_sealed=False).mail(host=NEAR).send(MAIL)

    with pytest.raises(MailLost):
        asyncio.run(go())
