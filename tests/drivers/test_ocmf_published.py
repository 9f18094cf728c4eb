"""Records that meters of other makers signed, as published for tests; and keys as they are printed."""

import base64
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from drivers.ocmf import KeyUnreadable, NotGenuine, parse, public_key_of, verify
from tests.support.ocmf import KEY, PUBLIC_KEY

FILE = Path(__file__).parents[1] / "support" / "vectors" / "ocmf.txt"
LINES = [line for line in FILE.read_text("utf-8").splitlines() if not line.startswith("#")]
PUBLISHED = [tuple(LINES[at : at + 3]) for at in range(0, len(LINES), 3)]
GENUINE = [(key, text) for verdict, key, text in PUBLISHED if verdict == "genuine"]
POINT = KEY.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


@pytest.mark.parametrize(("verdict", "key", "text"), PUBLISHED)
def test_published_record_is_judged_as_its_publisher_says(
    verdict: str, key: str, text: str
) -> None:
    record = parse(text)
    if verdict == "genuine":
        verify(record, public_key_of(key))
        return
    with pytest.raises((NotGenuine, KeyUnreadable), match=verdict):
        verify(record, public_key_of(key))


def test_record_of_a_curve_that_nobody_here_knows_is_named_as_such() -> None:
    (record,) = (parse(text) for _, _, text in PUBLISHED if "secp192k1" in text)
    with pytest.raises(NotGenuine, match="unknown algorithm ECDSA-secp192k1-SHA256"):
        verify(record, PUBLIC_KEY)


@pytest.mark.parametrize(("key", "text"), GENUINE)
def test_published_record_with_any_digit_of_a_reading_changed_is_not_genuine(
    key: str, text: str
) -> None:
    at = text.index('"RV"') + 4
    at += next(place for place, letter in enumerate(text[at:]) if letter.isdecimal())
    changed = text[:at] + str((int(text[at]) + 1) % 10) + text[at + 1 :]
    with pytest.raises(NotGenuine, match="not that of the meter's key"):
        verify(parse(changed), public_key_of(key))


@pytest.mark.parametrize(("key", "text"), GENUINE)
def test_published_record_is_not_genuine_under_a_key_of_another_meter(key: str, text: str) -> None:
    with pytest.raises(NotGenuine):
        verify(parse(text), PUBLIC_KEY)


@pytest.mark.parametrize(
    "printed",
    [
        PUBLIC_KEY.hex(),
        PUBLIC_KEY.hex().upper(),
        PUBLIC_KEY.hex(" ", 2),
        base64.b64encode(PUBLIC_KEY).decode("ascii"),
        POINT.hex(),
        POINT[1:].hex(),
        base64.b64encode(POINT[1:]).decode("ascii"),
    ],
)
def test_key_is_read_as_it_is_printed(printed: str) -> None:
    assert public_key_of(printed) in (PUBLIC_KEY, POINT[1:])


RSA = (
    rsa.generate_private_key(65537, 1024)
    .public_key()
    .public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
)


@pytest.mark.parametrize(
    ("printed", "why"),
    [
        ("", "no public key"),
        ("00", "no public key"),
        (PUBLIC_KEY.hex()[:-2], "no public key"),
        ("no key at all!", "neither hex nor base64"),
        (RSA.hex(), "no elliptic curve"),
    ],
)
def test_text_that_is_no_key_is_refused_with_the_reason(printed: str, why: str) -> None:
    with pytest.raises(KeyUnreadable, match=why):
        public_key_of(printed)


@pytest.mark.parametrize(
    ("seal", "why"),
    [
        ('{"SA":"ECDSA-secp521r1-SHA512","SD":"00"}', "unknown algorithm ECDSA-secp521r1-SHA512"),
        ('{"SA":"RSASSA-PKCS1-v1_5-SHA256","SD":"00"}', "unknown algorithm RSASSA"),
        ('{"SD":""}', "no signature: nothing"),
        ("{}", "no signature: nothing"),
        ('{"SD":"3006020101"}', "no signature"),
        ('{"SA":"ECDSA-secp384r1-SHA256","SD":"00"}', "key of another curve than secp384r1"),
    ],
)
def test_seal_that_proves_nothing_is_refused_with_the_reason(seal: str, why: str) -> None:
    payload = PUBLISHED[0][2].split("|")[1]
    with pytest.raises(NotGenuine, match=why):
        verify(parse(f"OCMF|{payload}|{seal}"), PUBLIC_KEY)


def test_bare_key_that_is_no_point_of_the_curve_is_named_as_such() -> None:
    assert isinstance(KEY.curve, ec.SECP256R1)
    with pytest.raises(NotGenuine, match="no key of secp256r1"):
        verify(parse(PUBLISHED[0][2]), bytes(64))
