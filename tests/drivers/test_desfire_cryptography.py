"""DESFire's AES against recorded authentications and the numbers of NXP AN10922 and SP 800-38B."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.greencard import aes
from drivers.greencard.desfire import IntegrityFailed, KeyMismatch, Reply
from drivers.greencard.diversification import diversify
from drivers.greencard.ev1 import AesAuthentication, Ev1Channel, session_key
from drivers.greencard.ev2 import Ev2Authentication, Ev2Channel, session_keys, truncated

K0 = bytes(16)
K1 = bytes.fromhex("10182028303840485058606870788088")
AN10922_MASTER = bytes.fromhex("00112233445566778899AABBCCDDEEFF")
AN10922_UID = bytes.fromhex("04782E21801D80")

# key, encrypted RndB, RndB, RndA, token, proof, session key
AUTHENTICATIONS = [
    (
        K0,
        "B969FDFE56FD91FC9DE6F6F213B8FD1E",
        "C05DDD714FD788A6B7B754F3C4D066E8",
        "F44B26F5686F3A391CD38EBD10772281",
        "36AAD7DF6E436BA08D18613830A70D5AD43E3D3F4A8D47541EEE623A934E4774",
        "800DB680BC146BD121D6578F2D2E2059",
        "F44B26F5C05DDD7110772281C4D066E8",
    ),
    (
        K1,
        "B351CB2465D4F33AC627FD6E87A168F2",
        "626FFBD45CAF334ACCA45599304F5B17",
        "40E7D27174CBA675E8EFBAB99C530E3D",
        "044B6CAC343A0865895149649CA8DDE1F5AC4EC67BD208900AF02F049E05F0B0",
        "A2EE144B1012FBEB7B2F11132D95A454",
        "40E7D271626FFBD49C530E3D304F5B17",
    ),
]


# --- SP 800-38B ---------------------------------------------------------------------------------

SP_800_38B_KEY = bytes.fromhex("2B7E151628AED2A6ABF7158809CF4F3C")
SP_800_38B_MESSAGE = bytes.fromhex(
    "6BC1BEE22E409F96E93D7E117393172AAE2D8A571E03AC9C9EB76FAC45AF8E51"
    "30C81C46A35CE411E5FBC1191A0A52EFF69F2445DF4F9B17AD2B417BE66C3710"
)


@pytest.mark.parametrize(
    ("length", "mac"),
    [
        (0, "BB1D6929E95937287FA37D129B756746"),
        (16, "070A16B46B4D4144F79BDD9DD04A287C"),
        (40, "DFA66747DE9AE63030CA32611497C827"),
        (64, "51F0BEBF7E3B9D92FC49741779363CFE"),
    ],
)
def test_cmac_examples_of_the_standard(length: int, mac: str) -> None:
    assert aes.cmac(SP_800_38B_KEY, SP_800_38B_MESSAGE[:length]) == bytes.fromhex(mac)


def test_cmac_that_starts_from_a_running_iv_is_the_cmac_of_the_whole() -> None:
    first = SP_800_38B_MESSAGE[:16]
    chained = aes.encrypt(SP_800_38B_KEY, aes.ZERO_IV, first)
    assert aes.cmac(SP_800_38B_KEY, SP_800_38B_MESSAGE[16:40], iv=chained) == bytes.fromhex(
        "DFA66747DE9AE63030CA32611497C827"
    )


# --- AN10922 ------------------------------------------------------------------------------------


def test_subkeys_of_the_diversification_example() -> None:
    k1, k2 = aes.cmac_subkeys(AN10922_MASTER)
    assert k1 == bytes.fromhex("FBC9F75C9413C041DFEE452D3F0706D1")
    assert k2 == bytes.fromhex("F793EEB928278083BFDC8A5A7E0E0D25")


def test_diversified_key_of_the_application_note() -> None:
    source = AN10922_UID + bytes.fromhex("3042F5") + b"NXP Abu"
    expected = bytes.fromhex("A8DD63A3B89D54B37CA802473FDA9175")
    assert diversify(AN10922_MASTER, source) == expected
    assert aes.cmac(AN10922_MASTER, b"\x01" + source) == expected


def test_diversification_of_a_short_input_is_padded_to_two_blocks() -> None:
    diversified = diversify(AN10922_MASTER, AN10922_UID)
    assert diversified == bytes.fromhex("4FD3364753B8142980E8203C75AD83BE")
    plain = aes.cmac(AN10922_MASTER, b"\x01" + AN10922_UID)
    assert plain == bytes.fromhex("B3179E2D918AC5190815983B054B63AD")


@given(st.binary(min_size=16, max_size=31))
def test_diversification_of_a_long_input_equals_the_cmac(source: bytes) -> None:
    assert diversify(AN10922_MASTER, source) == aes.cmac(AN10922_MASTER, b"\x01" + source)


@pytest.mark.parametrize("length", [0, 32])
def test_diversification_input_of_a_wrong_length_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match=r"1\.\.31"):
        diversify(AN10922_MASTER, bytes(length))


# --- AuthenticateAES ----------------------------------------------------------------------------


@pytest.mark.parametrize("recorded", AUTHENTICATIONS)
def test_recorded_authentication_is_reproduced(
    recorded: tuple[bytes, str, str, str, str, str, str],
) -> None:
    key, *texts = recorded
    challenge, rnd_b, rnd_a, token, proof, session = map(bytes.fromhex, texts)
    steps = AesAuthentication(key, 0, rnd_a)
    assert steps.opening == b"\xaa\x00"
    assert steps.prove(challenge) == token
    assert isinstance(steps.confirm(proof), Ev1Channel)
    assert session_key(rnd_a, rnd_b) == session


def test_proof_with_one_wrong_bit_is_a_key_mismatch() -> None:
    key, *texts = AUTHENTICATIONS[0]
    challenge, _, rnd_a, _, proof, _ = map(bytes.fromhex, texts)
    steps = AesAuthentication(key, 0, rnd_a)
    steps.prove(challenge)
    with pytest.raises(KeyMismatch):
        steps.confirm(bytes([proof[0] ^ 1]) + proof[1:])


@pytest.mark.parametrize("steps_of", [AesAuthentication, Ev2Authentication])
@pytest.mark.parametrize("length", [0, 15, 17])
def test_challenge_or_proof_of_a_wrong_length_is_an_integrity_failure(
    steps_of: type[AesAuthentication] | type[Ev2Authentication], length: int
) -> None:
    steps = steps_of(K1, 1, bytes(16))
    with pytest.raises(IntegrityFailed):
        steps.prove(bytes(length))
    with pytest.raises(IntegrityFailed):
        steps.confirm(bytes(length))


# --- the EV1 session ----------------------------------------------------------------------------


def test_change_key_in_a_recorded_session() -> None:
    new = bytes.fromhex("00102030405060708090A0B0B0A09080")
    old_xor_new, version = new, b"\x10"  # the old key is all zeros
    of_command = aes.jamcrc(b"\xc4\x01" + old_xor_new + version)
    assert of_command == (0x84B47033).to_bytes(4, "little")
    assert aes.jamcrc(new) == (0x1979E3BF).to_bytes(4, "little")
    channel = Ev1Channel(bytes.fromhex("C2A1E47BD8100044FE6D00A74D7AB17C"))
    cryptogram = channel.enciphered(old_xor_new + version + of_command + aes.jamcrc(new))
    assert cryptogram == bytes.fromhex(
        "E7ECCB6BD1CA64BC161A12B1C024F71430337408C8A87EACAB7A1FF18951FCA3"
    )
    assert channel.verified(Reply(0, bytes.fromhex("2128D3CD9C9ACFFF"))) == b""


def test_reply_with_another_mac_status_or_order_is_an_integrity_failure() -> None:
    reply = bytes.fromhex("2128D3CD9C9ACFFF")
    for status, body in ((0, reply[:-1] + b"\x00"), (0xAF, reply), (0, b""), (0, b"\x01" + reply)):
        channel = Ev1Channel(bytes.fromhex("C2A1E47BD8100044FE6D00A74D7AB17C"))
        with pytest.raises(IntegrityFailed):
            channel.verified(Reply(status, body))


@given(st.binary(min_size=1, max_size=60), st.integers(0, 500))
def test_enciphered_reply_is_read_and_any_flipped_bit_is_noticed(body: bytes, place: int) -> None:
    card, host, tapped = Ev1Channel(K1), Ev1Channel(K1), Ev1Channel(K1)
    cipher = card.enciphered(body + aes.jamcrc(body + b"\x00"))
    assert host.deciphered(Reply(0, cipher), len(body)) == body
    index, bit = divmod(place % (len(cipher) * 8), 8)
    flipped = cipher[:index] + bytes([cipher[index] ^ 1 << bit]) + cipher[index + 1 :]
    with pytest.raises(IntegrityFailed):
        tapped.deciphered(Reply(0, flipped), len(body))


@pytest.mark.parametrize("length", [0, 15])
def test_cipher_text_that_is_no_whole_block_is_an_integrity_failure(length: int) -> None:
    with pytest.raises(IntegrityFailed, match="cipher text"):
        Ev1Channel(K1).deciphered(Reply(0, bytes(length)), 4)


# --- EV2 ----------------------------------------------------------------------------------------

EV2_RND_A = bytes.fromhex("13C5DB8A5930439FC3DEF9A4C675360F")
EV2_RND_B = bytes.fromhex("B9E2FC789B64BF237CCCAA20EC7E6E48")
EV2_PROOF = bytes.fromhex("3FA64DB5446D1F34CD6EA311167F5E4985B89690C04A05F17FA7AB2F08120663")
EV2_TRANSACTION = bytes.fromhex("9D00C4DF")


def test_recorded_ev2_authentication_is_reproduced() -> None:
    steps = Ev2Authentication(K0, 0, EV2_RND_A)
    assert steps.opening == bytes.fromhex("710000")
    token = steps.prove(bytes.fromhex("A04C124213C186F22399D33AC2A30215"))
    assert token == bytes.fromhex(
        "35C3E05A752E0144BAC0DE51C1F22C56B34408A23D8AEA266CAB947EA8E0118D"
    )
    channel = steps.confirm(EV2_PROOF)
    enc_key, mac_key = session_keys(K0, EV2_RND_A, EV2_RND_B)
    assert enc_key == bytes.fromhex("1309C877509E5A215007FF0ED19CA564")
    assert mac_key == bytes.fromhex("4C6626F5E72EA694202139295C7A7FC7")
    twin = Ev2Channel(enc_key, mac_key, transaction_id=EV2_TRANSACTION)
    assert channel.request(0xBD, bytes(7)) == twin.request(0xBD, bytes(7))


def test_ev2_mac_is_every_second_byte_over_command_counter_and_transaction() -> None:
    _, mac_key = session_keys(K0, EV2_RND_A, EV2_RND_B)
    channel = Ev2Channel(K0, mac_key, transaction_id=EV2_TRANSACTION)
    whole = aes.cmac(mac_key, b"\xbd" + b"\x00\x00" + EV2_TRANSACTION + bytes(7))
    assert channel.request(0xBD, bytes(7))[-8:] == whole[1::2] == truncated(whole)


def test_ev2_proof_of_another_key_is_a_key_mismatch() -> None:
    steps = Ev2Authentication(K0, 0, EV2_RND_A)
    steps.prove(bytes(16))
    with pytest.raises(KeyMismatch):
        steps.confirm(bytes(32))


def test_ev2_reply_repeated_is_refused_because_the_counter_moved() -> None:
    keys = session_keys(K0, EV2_RND_A, EV2_RND_B)
    card, host = (Ev2Channel(*keys, transaction_id=EV2_TRANSACTION) for _ in range(2))
    with pytest.raises(IntegrityFailed):
        card.verified(Reply(0, b"body" + bytes(8)))  # moves the card's counter to 1
    reply = Reply(0, b"body" + card.mac(0, b"body"))
    assert host.verified(reply) == b"body"
    with pytest.raises(IntegrityFailed):
        host.verified(reply)


def test_ev2_enciphered_reply_with_wrong_length_or_padding_is_an_integrity_failure() -> None:
    keys = session_keys(K0, EV2_RND_A, EV2_RND_B)
    for body in (b"", bytes(15), bytes(16)):
        card, host = (Ev2Channel(*keys, transaction_id=EV2_TRANSACTION) for _ in range(2))
        with pytest.raises(IntegrityFailed):
            card.verified(Reply(0, bytes(8)))
        with pytest.raises(IntegrityFailed, match=r"cipher text|padding"):
            host.deciphered(Reply(0, body + card.mac(0, body)), 4)
