"""What a card may answer to the reader's questions, and what follows from it."""

import pytest

from drivers.greencard.desfire import (
    ApduStyle,
    CardError,
    CardRefused,
    Conversation,
    FileMode,
    FileRange,
    IntegrityFailed,
    KeyMismatch,
    NotDesfire,
    Reply,
    authenticate,
    read_file,
    unwrap,
    wrap,
)
from drivers.greencard.ev1 import AesAuthentication
from drivers.greencard.number import NumberInvalid, account_number, is_account_number, luhn_digit
from drivers.greencard.tap import CardProfile, NotOurs, read_account_number

APPLICATION_ID = bytes.fromhex("F5C0DE")


class OpenChannel:
    """A channel that secures nothing."""

    def request(self, code: int, header: bytes) -> bytes:
        return bytes([code]) + header

    def verified(self, reply: Reply) -> bytes:
        return reply.body

    def deciphered(self, reply: Reply, length: int) -> bytes:
        return reply.body[:length]


def converse(talk: Conversation[object], *answers: str) -> object:
    """The result of a conversation in which the card gives these answers, in hex."""
    next(talk)
    try:
        for answer in answers:
            talk.send(bytes.fromhex(answer))
    except StopIteration as done:
        return done.value
    raise AssertionError("the card was asked once more")


# --- framing ------------------------------------------------------------------------------------


def test_commands_are_framed_as_recorded() -> None:
    assert wrap(ApduStyle.NATIVE, bytes.fromhex("AA00")) == bytes.fromhex("AA00")
    assert wrap(ApduStyle.ISO, bytes.fromhex("AA00")) == bytes.fromhex("90AA0000010000")
    assert wrap(ApduStyle.ISO, bytes.fromhex("710000")) == bytes.fromhex("9071000002000000")
    assert wrap(ApduStyle.ISO, bytes.fromhex("AF")) == bytes.fromhex("90AF000000")


def test_answers_are_taken_apart() -> None:
    assert unwrap(ApduStyle.NATIVE, bytes.fromhex("AF0102")) == Reply(0xAF, b"\x01\x02")
    assert unwrap(ApduStyle.ISO, bytes.fromhex("010291AF")) == Reply(0xAF, b"\x01\x02")


@pytest.mark.parametrize(
    ("style", "answer"),
    [
        (ApduStyle.NATIVE, ""),
        (ApduStyle.ISO, "00"),
        (ApduStyle.ISO, "6E00"),
        (ApduStyle.ISO, "9000"),
    ],
)
def test_answer_of_another_kind_of_card_is_not_desfire(style: ApduStyle, answer: str) -> None:
    with pytest.raises(NotDesfire):
        unwrap(style, bytes.fromhex(answer))


# --- authentication -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "verdict"),
    [
        (["91AE"], KeyMismatch),
        (["9140"], KeyMismatch),
        (["91CA"], CardRefused),
        (["00" * 16 + "91AF", "91AE"], KeyMismatch),
        (["00" * 16 + "91AF", "917E"], CardRefused),
        (["00" * 16 + "91AF", "00" * 16 + "9100"], KeyMismatch),
        (["00" * 16 + "91AF", "00" * 16 + "91AF"], IntegrityFailed),
        (["00" * 8 + "91AF"], IntegrityFailed),
        (["6E00"], NotDesfire),
    ],
)
def test_authentication_that_fails_says_why(answers: list[str], verdict: type[CardError]) -> None:
    talk = authenticate(ApduStyle.ISO, AesAuthentication(bytes(16), 1, bytes(16)))
    with pytest.raises(verdict):
        converse(talk, *answers)


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [("91A0", NotOurs), ("911C", NotOurs), ("6A82", NotOurs), ("917E", CardRefused)],
)
def test_card_that_refuses_the_application_is_foreign_unless_disturbed(
    answer: str, verdict: type[CardError]
) -> None:
    talk = read_account_number(CardProfile(APPLICATION_ID), bytes(16), bytes(16))
    with pytest.raises(verdict):
        converse(talk, answer)


# --- reading ------------------------------------------------------------------------------------


def reading(length: int, mode: FileMode = FileMode.MAC) -> Conversation[bytes]:
    return read_file(ApduStyle.NATIVE, OpenChannel(), FileRange(1, length, mode))


def test_read_command_names_file_offset_and_length() -> None:
    talk = read_file(
        ApduStyle.NATIVE, OpenChannel(), FileRange(2, 0x030201, FileMode.MAC, offset=0x060504)
    )
    assert next(talk) == bytes.fromhex("BD 02 040506 010203")


@pytest.mark.parametrize("mode", list(FileMode))
def test_file_in_frames_is_put_together(mode: FileMode) -> None:
    assert converse(reading(4, mode), "AF0102", "AF03", "0004") == bytes.fromhex("01020304")


def test_file_of_another_length_is_an_integrity_failure() -> None:
    with pytest.raises(IntegrityFailed, match="3 bytes read, not 4"):
        converse(reading(4), "00010203")


def test_card_that_never_ends_is_stopped() -> None:
    with pytest.raises(IntegrityFailed, match="more than the file"):
        converse(reading(16), *["AF" + "00" * 59] * 5)


# --- the number ---------------------------------------------------------------------------------


def test_luhn_digit_of_the_standards_example() -> None:
    assert luhn_digit("7992739871") == "3"


def test_account_number_needs_sixteen_ascii_digits_and_the_right_last_one() -> None:
    assert account_number(b"4539578763621486") == "4539578763621486"
    for text in ("4539578763621487", "453957876362148", "45395787636214860", "453957876362148X"):
        assert not is_account_number(text)
        with pytest.raises(NumberInvalid):
            account_number(text.encode())
    assert not is_account_number("٤٥٣٩٥٧٨٧٦٣٦٢١٤٨٦")


@pytest.mark.parametrize("application_id", [b"", b"\x01\x02", bytes(3), bytes(4)])
def test_application_id_is_three_bytes_and_not_the_card_itself(application_id: bytes) -> None:
    with pytest.raises(ValueError, match="three bytes"):
        CardProfile(application_id)
