"""Fields as they are read, and what no form may be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from central import forms
from central.forms import Form, Wrong
from central.members.guard import is_proved, proof, way_back
from central.members.language import LANGUAGES, catalogue, choose


@pytest.mark.parametrize("text", ["Ane@Example.eus ", "a.b+c@sub.example.org", "ñandú@correo.es"])
def test_email_when_right_then_lower_case(text: str) -> None:
    assert forms.email_address(text) == text.strip().lower()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "a@b",
        "a b@c.eus",
        "a@b.eus\nBcc: all@c.eus",
        "<a@b.eus>",
        "a@b..",
        "x" * 250 + "@b.eus",
    ],
)
def test_email_when_wrong_then_refused(text: str) -> None:
    with pytest.raises(Wrong):
        forms.email_address(text)


@pytest.mark.parametrize(
    ("text", "minor"), [("10", 1000), ("10,5", 1050), ("10.05", 1005), (" 20 € ", 2000), ("5", 500)]
)
def test_amount_when_right_then_minor_units(text: str, minor: int) -> None:
    assert forms.amount_minor(500, 20_000)(text) == minor


@pytest.mark.parametrize(
    "text", ["", "-5", "1e3", "4,99", "200,01", "10,001", "٣٠", "NaN", "9" * 50]
)
def test_amount_when_wrong_then_refused(text: str) -> None:
    with pytest.raises(Wrong):
        forms.amount_minor(500, 20_000)(text)


@given(st.text(max_size=60))
def test_readers_when_given_anything_then_a_value_or_a_word(text: str) -> None:
    words = catalogue("en")
    for reader in (
        forms.email_address, forms.a_name, forms.new_password, forms.card_number,
        forms.letter_code, forms.question, forms.answer, forms.amount_minor(1, 10),
    ):  # fmt: skip
        form = Form({"field": text})
        form.read("field", reader)
        assert set(form.errors.values()) <= set(words)


def test_form_when_shown_again_then_without_secrets() -> None:
    form = Form({"email": "a@b.eus", "password": "secret", "answer_1": "blue"})
    assert form.values == {"email": "a@b.eus"}


@pytest.mark.parametrize(
    ("asked", "goes"),
    [
        ("/me", "/me"),
        ("/me/charges?page=2", "/me/charges?page=2"),
        ("//evil.example", "/"),
        ("https://evil.example", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/me\r\nSet-Cookie: a=b", "/"),
        ("", "/"),
    ],
)
def test_way_back_never_leaves_this_site(asked: str, goes: str) -> None:
    assert way_back(asked) == goes


def test_proof_belongs_to_one_cookie() -> None:
    assert is_proved("abc", proof("abc"))
    assert not is_proved("abc", proof("abd"))
    assert not is_proved("", proof(""))


def test_catalogues_have_the_same_keys_and_values() -> None:
    english = catalogue("en")
    for code in LANGUAGES:
        words = catalogue(code)
        assert set(words) == set(english)
        for key, text in words.items():
            assert text, (code, key)
            assert _holes(text) == _holes(english[key]), (code, key)


def _holes(text: str) -> set[str]:
    import string

    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize(
    ("asked", "kept", "accepted", "chosen"),
    [
        ("eu", "en", "es", "eu"),
        ("", "en", "es", "en"),
        ("xx", "", "fr, en;q=0.5", "en"),
        ("", "", "", "es"),
    ],
)
def test_language_when_chosen_then_asked_kept_browser_default(
    asked: str, kept: str, accepted: str, chosen: str
) -> None:
    assert choose(asked, kept, accepted) == chosen
