"""A batch of blank cards: files for writer and printer, hashes in the store, and nothing on the screen."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st

from central.cards.__main__ import main
from central.cards.keys import SoftwareKeyStore, diversify
from central.cards.numbers import activation_code, card_number, support_number, with_check_digit
from central.forms import letter_code
from central.greencard.accounts import luhn_is_right
from central.members.letters import Letters
from central.storage.store import Store
from tests.support.central import FixedClock
from tests.support.members import CountedEntropy

HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
MASTER = "00112233445566778899AABBCCDDEEFF"
UIDS = ("04782E21801D80", "04782e21801d81")
MAKE = ("personalise", "--batch", "2027-01")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    Store(tmp_path / "central.db").close()
    (tmp_path / "uids.txt").write_text("# a box of two\n" + "\n".join(UIDS) + "\n")
    key_file = tmp_path / "cards.key"
    key_file.write_text(MASTER + "\n")
    key_file.chmod(0o600)
    return tmp_path


def cards(folder: Path, *words: str, seed: int = 0) -> int:
    return main(
        ["--db", str(folder / "central.db"), "--by", "maria", *words],
        clock=FixedClock(),
        entropy=CountedEntropy(seed),
        hasher=HASHER,
    )


def with_keys(folder: Path) -> tuple[str, ...]:
    files = ("--uids", str(folder / "uids.txt"), "--key-file", str(folder / "cards.key"))
    return (*MAKE, *files, "--application", "3042F5", "--system-id", "NXP Abu")


def test_batch_when_made_then_files_hold_what_the_store_holds_as_hashes(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = folder / "out"
    assert cards(folder, *with_keys(folder), "--out", str(out), "--url", "https://citere.es") == 0
    written = json.loads((out / "cards.json").read_text())
    numbers = [each["number"] for each in written["cards"]]
    assert all(len(number) == 16 and luhn_is_right(number) for number in numbers)
    # NXP AN10922 §2.2.1, the worked example.
    assert written["cards"][0]["key"] == "A8DD63A3B89D54B37CA802473FDA9175"
    assert bytes.fromhex(written["cards"][0]["file"]).decode() == numbers[0]
    letters = (out / "letters.html").read_text()
    codes = re.findall(r"<b>([2-9A-Z]{5} [2-9A-Z]{5})</b>", letters)
    supports = re.findall(r"<b>([0-9]{4} [0-9]{3} [0-9]{3})</b>", letters)
    store = Store(folder / "central.db")
    kept = Letters(store, FixedClock())
    for number, code, support in zip(numbers, codes, supports, strict=True):
        card, letter = store.card(number), kept.letter(number)
        assert card is not None
        assert (card.state, card.state_reason, card.expires_on) == (
            "blocked",
            "blank",
            "2034-11-30",
        )
        assert letter is not None
        assert HASHER.verify(letter.code_hash, letter_code(code))
        assert kept.card_of_support_number(support.replace(" ", "")) == number
    told = capsys.readouterr().out
    secrets = [*numbers, *codes, *supports, MASTER, *(each["key"] for each in written["cards"])]
    assert not [secret for secret in secrets if secret in told]
    for file in out.iterdir():
        assert file.stat().st_mode & 0o777 == 0o600
    store.close()


def test_batch_without_uids_then_without_keys(folder: Path) -> None:
    assert cards(folder, *MAKE, "--count", "3", "--out", str(folder / "out")) == 0
    written = json.loads((folder / "out/cards.json").read_text())
    assert [sorted(each) for each in written["cards"]] == [["file", "number"]] * 3


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--count", "0"), "1 to 10000"),
        (("--count", "1", "--prefix", "12345678901"), "--prefix"),
        (("--count", "1", "--valid-years", "99"), "--valid-years"),
        (("--count", "1", "--application", "zz"), "not hex"),
        (("--count", "1", "--application", "000000"), "three bytes"),
        (("--count", "1", "--key-file", "x"), "go together"),
        (("--count", "1", "--batch", "a\nb"), "--batch"),
    ],
)
def test_words_that_make_no_sense_then_refused_and_nothing_made(
    folder: Path, words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cards(folder, *MAKE, "--out", str(folder / "out"), *words) == 2
    assert said in capsys.readouterr().err
    assert not (folder / "out").exists()
    assert cards(folder, "stock") == 0
    assert capsys.readouterr().out == "no blank cards\n"


def test_batch_when_made_twice_or_its_uids_are_cards_then_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cards(folder, *with_keys(folder), "--out", str(folder / "a")) == 0
    again = (*with_keys(folder), "--out", str(folder / "b"))
    assert cards(folder, *again, "--batch", "2", seed=99) == 2
    assert "2 of the UIDs are cards already" in capsys.readouterr().err
    assert cards(folder, *MAKE, "--count", "1", "--out", str(folder / "b"), seed=99) == 2
    assert "there is a batch 2027-01" in capsys.readouterr().err
    more = (*MAKE, "--count", "1", "--batch", "2", "--out", str(folder / "a"))
    assert cards(folder, *more, seed=99) == 2
    assert "not empty" in capsys.readouterr().err


def test_key_or_letters_in_a_repository_or_open_then_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "cards.key").chmod(0o644)
    assert cards(folder, *with_keys(folder), "--out", str(folder / "out")) == 1
    assert "chmod 600" in capsys.readouterr().err
    (folder / "cards.key").chmod(0o600)
    (folder / ".git").mkdir()
    assert cards(folder, *with_keys(folder), "--out", str(folder / "out")) == 1
    assert "is in a repository" in capsys.readouterr().err
    assert cards(folder, *MAKE, "--count", "1", "--out", str(folder / "out")) == 2
    assert "is in a repository" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["", "00", MASTER + "00", "g" * 32, "\x80"])
def test_key_file_when_it_holds_no_key_then_said_without_it(
    folder: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "cards.key").write_text(text, "latin-1")
    assert cards(folder, *with_keys(folder), "--out", str(folder / "out")) == 1
    said = capsys.readouterr().err
    assert said.startswith("cards: key file")
    assert text == "" or text not in said


def test_uid_list_with_a_wrong_line_then_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for wrong in ("0478", "04782E21801D8Z", f"{UIDS[0]}\n{UIDS[0]}"):
        (folder / "uids.txt").write_text(wrong)
        assert cards(folder, *with_keys(folder), "--out", str(folder / "out")) == 2
    assert "twice" in capsys.readouterr().err


def test_key_store_never_shows_its_key() -> None:
    assert MASTER.lower() not in repr(SoftwareKeyStore(bytes.fromhex(MASTER))).lower()


def test_key_when_the_input_is_short_then_still_over_two_blocks() -> None:
    # NXP AN10922: of seven bytes plain CMAC would give another key.
    made = diversify(bytes.fromhex(MASTER), bytes.fromhex(UIDS[0]))
    assert made.hex().upper() == "4FD3364753B8142980E8203C75AD83BE"


@given(st.binary(min_size=16, max_size=16), st.binary(min_size=1, max_size=31))
def test_key_is_the_one_that_the_points_make(master: bytes, diversification_input: bytes) -> None:
    from drivers.greencard import diversification

    theirs = diversification.diversify(master, diversification_input)
    assert diversify(master, diversification_input) == theirs


@given(st.integers(0, 2**64), st.text("0123456789", min_size=1, max_size=8))
def test_what_is_drawn_is_what_forms_read(seed: int, prefix: str) -> None:
    entropy = CountedEntropy(seed)
    number = card_number(entropy, prefix)
    assert len(number) == 16
    assert number.startswith(prefix)
    assert luhn_is_right(number)
    assert re.fullmatch("[1-9][0-9]{9}", support_number(entropy))
    code = activation_code(entropy)
    assert letter_code(code) == code


def test_check_digit_as_in_the_standard() -> None:
    assert with_check_digit("7992739871") == "79927398713"


def test_help_says_what_there_is() -> None:
    words = [sys.executable, "-m", "central.cards", "--help"]
    told = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    for word in ("personalise", "stock", "replace", "expire", "mode 600"):
        assert word in told
