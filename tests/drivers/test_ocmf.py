"""Signed readings: who signed is proved, what is no record is refused, what is, goes along."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from chargepoint.domain.delivery import StopReason, TransactionEnded
from chargepoint.domain.devices import DeviceIncident, MeterSampled, MeterSigned
from chargepoint.domain.session import dump_session, load_session
from chargepoint.domain.supply.metering import SignedValue
from chargepoint.domain.units import SessionId, Wh
from chargepoint.ocpp.meter_values import with_signed
from chargepoint.store import rows
from drivers.modbus.reading import Seal
from drivers.ocmf import NotGenuine, NotOcmf, parse, verify
from simulator.devices.meter import RECORD_AT
from tests.support.ocmf import KEY, PUBLIC_KEY, payload, signed
from tests.support.points import EPOCH, ONE, a_charging_point, card_order
from tests.support.power import Socket, play

AT = datetime(2026, 1, 15, 11, 0, tzinfo=UTC)
RECORD = signed(payload(AT))


def test_record_of_the_meter_is_genuine_and_read() -> None:
    record = parse(RECORD)
    verify(record, PUBLIC_KEY)
    assert (record.meter, record.pagination, record.last_at) == ("SIM-M-0001", "T1", AT)


def test_signature_covers_the_very_bytes() -> None:
    spaced = payload(AT).replace(":", " : ", 1)
    verify(parse(f"\ufeff{signed(spaced)}\r\n"), PUBLIC_KEY)
    with pytest.raises(NotGenuine):
        verify(parse(RECORD.replace("1245.627", "1245.628")), PUBLIC_KEY)


def test_bare_keys_and_signatures_count_as_well() -> None:
    numbers = KEY.public_key().public_numbers()
    bare = numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")
    verify(parse(RECORD), bare)
    r, s = decode_dss_signature(parse(RECORD).signature)
    raw = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    head, text, _ = RECORD.split("|")
    in_base64 = json.dumps({"SE": "base64", "SD": base64.b64encode(raw).decode()})
    verify(parse(f"{head}|{text}|{in_base64}"), PUBLIC_KEY)


def test_superfluous_zeros_of_some_firmware_are_forgiven() -> None:
    r, s = decode_dss_signature(parse(RECORD).signature)
    integers = b"".join(b"\x02\x23" + number.to_bytes(35, "big") for number in (r, s))
    head, text, _ = RECORD.split("|")
    verify(parse(f'{head}|{text}|{{"SD":"30{len(integers):02X}{integers.hex()}"}}'), PUBLIC_KEY)


@pytest.mark.parametrize(
    ("name", "curve"),
    [
        ("secp256k1", ec.SECP256K1()),
        ("secp384r1", ec.SECP384R1()),
        ("brainpoolP256r1", ec.BrainpoolP256R1()),
    ],
)
def test_other_curves_are_known(name: str, curve: ec.EllipticCurve) -> None:
    key = ec.derive_private_key(12345, curve)
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    record = parse(signed(payload(AT), f"ECDSA-{name}-SHA256", key))
    verify(record, public)
    with pytest.raises(NotGenuine):
        verify(record, PUBLIC_KEY)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "OCMF",
        "OCMF|{}|{}",
        "OCMF|[]|{}",
        'OCMF|{"RD":[]}|{}',
        'OCMF|{"RD":[{"TM":"yesterday"}]}|{"SD":"00"}',
        'OCMF|{"RD":[{"TM":"2026-13-15T10:00:00,000+0100 S"}]}|{"SD":"00"}',
        'OCMF|{"RD":[{}]}|{"SD":"XX"}',
        "OCMF|" + "[" * 100_000 + "|{}",
    ],
)
def test_what_is_no_record_is_refused(text: str) -> None:
    with pytest.raises(NotOcmf):
        parse(text)


@given(st.text(max_size=300) | st.builds("OCMF|{}|{}".format, st.text(), st.text()))
def test_no_text_does_worse_than_being_refused(text: str) -> None:
    try:
        verify(parse(text), PUBLIC_KEY)
    except (NotOcmf, NotGenuine):
        return
    raise AssertionError("nobody signed this")


@given(st.integers(0, len(RECORD) - 1), st.integers(1, 127))
def test_no_single_wrong_character_passes(place: int, by: int) -> None:
    wrong = RECORD[:place] + chr(ord(RECORD[place]) ^ by) + RECORD[place + 1 :]
    try:
        record = parse(wrong)
        verify(record, PUBLIC_KEY)
    except (NotOcmf, NotGenuine):
        return
    # Another spelling of the same seal, never another payload.
    assert record.payload == parse(RECORD).payload


# --- from the meter to the central system --------------------------------------------------------

SEAL = Seal(RECORD_AT, PUBLIC_KEY)


def test_record_is_read_and_told_once_before_the_reading_that_ends_a_charge() -> None:
    async def story(socket: Socket) -> None:
        await socket.online()
        socket.meter_device.record = RECORD.encode()
        await socket.meter.sample()
        (told,) = socket.said(MeterSigned)
        assert (told.text, told.key, told.taken_at) == (RECORD, PUBLIC_KEY.hex(), AT)
        assert isinstance(socket.events[-1], MeterSampled)
        await socket.meter.sample()
        assert len(socket.said(MeterSigned)) == 1

    play(story, seal=SEAL)


@pytest.mark.parametrize("record", ["", "OCMF|{}|{}", RECORD.replace("1245", "1246")])
def test_record_that_proves_nothing_is_told_and_the_reading_stands(record: str) -> None:
    async def story(socket: Socket) -> None:
        await socket.online()
        socket.meter_device.record = record.encode()
        before = len(socket.said(MeterSampled))
        await socket.meter.sample()
        assert len(socket.said(MeterSampled)) == before + 1
        assert not socket.said(MeterSigned)
        assert [event.code for event in socket.said(DeviceIncident)] == ["meter.signature"]

    play(story, seal=SEAL)


def test_without_a_seal_nothing_is_read() -> None:
    async def story(socket: Socket) -> None:
        await socket.online()
        socket.meter_device.record = RECORD.encode()
        await socket.meter.sample()
        assert not socket.said(MeterSigned)

    play(story)


def test_session_keeps_its_own_record_and_no_older_one() -> None:
    point = a_charging_point(card_order())
    point.hear(MeterSigned(ONE, "old", "AB", EPOCH - timedelta(hours=1)))
    assert point.machine.data.session is not None
    assert point.machine.data.session.signed is None
    point.hear(MeterSigned(ONE, RECORD, "AB", EPOCH))
    session = point.machine.data.session
    assert session.signed == SignedValue(RECORD, "AB")
    assert load_session(json.loads(json.dumps(dump_session(session)))).signed == session.signed


def ended(signed_value: SignedValue | None) -> TransactionEnded:
    return TransactionEnded(
        SessionId("S1"), ONE, None, Wh(1245627), AT, StopReason.LOCAL, signed=signed_value
    )


def test_record_goes_with_stop_transaction_as_signed_data() -> None:
    told = ended(SignedValue(RECORD, PUBLIC_KEY.hex()))
    (moment,) = with_signed([], told)
    (sampled,) = moment["sampledValue"]
    assert (sampled["format"], sampled["context"]) == ("SignedData", "Transaction.End")
    value = json.loads(sampled["value"])
    assert base64.b64decode(value["signedMeterData"]).decode() == RECORD
    assert value["encodingMethod"] == "OCMF"
    key = base64.b64decode(value["publicKey"]).decode()
    assert key == f"oca:base16:asn1:{PUBLIC_KEY.hex()}"
    assert with_signed([], ended(None)) == []


def test_record_survives_the_journal_and_messages_from_before_have_none() -> None:
    told = ended(SignedValue(RECORD, "AB"))
    assert rows.load(*rows.dump(told)) == told
    kind, body = rows.dump(ended(None))
    old = {name: value for name, value in json.loads(body).items() if name != "signed"}
    assert rows.load(kind, json.dumps(old)) == ended(None)
