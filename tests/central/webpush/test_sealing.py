"""Messages sealed for one browser: RFC 8291's own example, and whatever else; nothing that is no key."""

import json

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from central.phone.push import WrongSubscription
from central.webpush.sealing import MESSAGE_BYTES_MAX, Subscription, sealed, subscription
from tests.support.push_service import UserAgent, octets, unpadded

# RFC 8291 §5 and appendix A, digit for digit.
PLAIN = b"When I grow up, I want to be a watermelon"
BODY = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6Tlz"
    "AC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)
SENDER = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
BROWSER = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
KEY = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
SALT = "DGv6ra1nlYgDCS1FRnbzlw"


def private(text: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(octets(text)), ec.SECP256R1())


def test_message_of_the_standard_is_sealed_as_there() -> None:
    to = Subscription("https://push.example.net/x", octets(KEY), octets(AUTH))
    body = sealed(PLAIN, to, own=private(SENDER), salt=octets(SALT))
    assert unpadded(body) == BODY
    assert UserAgent(private(BROWSER), octets(AUTH)).opened(octets(BODY)) == PLAIN


@given(
    st.binary(max_size=MESSAGE_BYTES_MAX),
    st.binary(min_size=16, max_size=16),
    st.integers(1, 2**255),
)
def test_message_when_sealed_then_its_browser_reads_it_and_no_other(
    message: bytes, salt: bytes, drawn: int
) -> None:
    browser, other = UserAgent(), UserAgent(auth=b"another sixteen.")
    own = ec.derive_private_key(drawn, ec.SECP256R1())
    body = sealed(message, subscription(browser.given()), own=own, salt=salt)
    assert len(body) <= 4096
    assert browser.opened(body) == message
    with pytest.raises(InvalidTag):
        other.opened(body)


def test_subscription_when_kept_then_only_what_is_needed() -> None:
    given_ = UserAgent().given(secret="of the page", expirationTime=5)
    kept = subscription(given_).text()
    assert subscription(kept) == subscription(given_)
    assert "secret" not in kept
    assert "expiration" not in kept


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "[]",
        "5",
        "{}",
        "null",
        '{"endpoint":"https://x.y/"}',
        '{"endpoint":"https://x.y/","keys":[]}',
        "[" * 100_000,
        UserAgent().given(keys={"p256dh": "", "auth": ""}),
        UserAgent().given(keys={"p256dh": KEY[:-4], "auth": AUTH}),
        UserAgent().given(keys={"p256dh": unpadded(b"\x04" + bytes(64)), "auth": AUTH}),
        UserAgent().given(keys={"p256dh": KEY, "auth": AUTH + "AA"}),
        UserAgent().given(keys={"p256dh": KEY + "ñ", "auth": AUTH}),
        UserAgent().given(keys={"p256dh": [KEY], "auth": AUTH}),
        UserAgent().given(keys={"p256dh": "!" + KEY[1:], "auth": AUTH}),
        UserAgent().given(endpoint=5),
        UserAgent().given(endpoint="https://x.y/" + "a" * 1000),
    ],
)
def test_subscription_when_it_is_none_then_refused(text: str) -> None:
    with pytest.raises(WrongSubscription):
        subscription(text)


@given(
    st.recursive(
        st.none() | st.text() | st.integers(),
        lambda each: st.dictionaries(st.sampled_from(["endpoint", "keys", "p256dh", "auth"]), each),
    )
)
def test_subscription_when_anything_then_it_is_one_or_refused(told: object) -> None:
    with pytest.raises(WrongSubscription):
        subscription(json.dumps(told))
