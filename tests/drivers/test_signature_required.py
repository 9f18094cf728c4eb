"""Where only signed readings are sold: a record that is missing or proves nothing ends the selling."""

from datetime import timedelta

import pytest

from chargepoint.domain.devices import (
    ContactorMoved,
    DeviceIncident,
    MeterSampled,
    MeterSigned,
    SealChecked,
)
from chargepoint.domain.effects import ResetFaults, Stop
from chargepoint.domain.point.context import PointSettings
from chargepoint.domain.point.machine import PointEvent, ReadingTaken
from chargepoint.domain.session import EndCause
from config.devices import Device
from drivers.factory import seal_of
from drivers.lines import DeviceUnknown
from drivers.modbus.reading import Seal
from simulator.devices.meter import RECORD_AT
from tests.support.ocmf import PUBLIC_KEY, payload, signed
from tests.support.points import (
    EPOCH,
    ONE,
    PointUnderTest,
    a_point,
    card_order,
    sample,
)
from tests.support.power import Socket, play

RECORD = signed(payload(EPOCH))
FORGED = RECORD.replace("1245", "1246")
SEAL = Seal(RECORD_AT, PUBLIC_KEY, is_required=True)
SOLD_SIGNED = PointSettings(sells_signed=frozenset({ONE}))


# --- the driver -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("record", "is_well"), [(RECORD, True), (FORGED, False), ("OCMF|{}|{}", False), ("", False)]
)
def test_meter_is_asked_whether_it_can_sign_before_anything_is_sold(
    record: str, is_well: bool
) -> None:
    async def story(socket: Socket) -> None:
        socket.meter_device.record = record.encode()
        await socket.online()
        (told,) = socket.said(SealChecked)
        assert (told.problem == "") is is_well
        assert not [e for e in socket.said(DeviceIncident) if e.code == "meter.signature"]

    play(story, seal=SEAL)


def test_meter_that_signs_again_is_told_without_being_asked() -> None:
    async def story(socket: Socket) -> None:
        socket.meter_device.record = FORGED.encode()
        await socket.online()
        socket.meter_device.record = RECORD.encode()
        await socket.until(lambda: len(socket.said(SealChecked)) == 2, 30)
        assert socket.said(SealChecked)[-1].problem == ""
        assert [told.text for told in socket.said(MeterSigned)] == [RECORD]

    play(story, seal=SEAL)


def test_record_that_is_forged_at_the_end_is_told_ahead_of_the_reading() -> None:
    async def story(socket: Socket) -> None:
        socket.meter_device.record = RECORD.encode()
        await socket.online()
        socket.meter_device.record = FORGED.encode()
        socket.events.clear()
        await socket.meter.sample()
        told = [e for e in socket.events if isinstance(e, SealChecked | MeterSampled)]
        assert [type(each) for each in told] == [SealChecked, MeterSampled]

    play(story, seal=SEAL)


def test_records_that_are_required_need_a_place_and_a_key() -> None:
    device = Device(kind="sdm630", ocmf_required=True)
    with pytest.raises(DeviceUnknown, match="ocmf_register"):
        seal_of(device, ONE)
    with pytest.raises(DeviceUnknown, match="ocmf_key"):
        seal_of(device.model_copy(update={"ocmf_register": RECORD_AT}), ONE)
    with pytest.raises(DeviceUnknown, match=r"meter\.1\.ocmf_key: 2 bytes that are no public key"):
        seal_of(device.model_copy(update={"ocmf_register": RECORD_AT, "ocmf_key": "ABCD"}), ONE)


# --- the sale ---------------------------------------------------------------------------------------


def a_sale(settings: PointSettings = SOLD_SIGNED) -> PointUnderTest:
    point = a_point(settings).plugged().started(card_order()).locked().energised()
    return point.charged(1100, power=3000)


def stopped(point: PointUnderTest, *before_the_reading: PointEvent) -> PointUnderTest:
    """1103 Wh is what the meter says at last."""
    point.hear(Stop(EndCause.CUSTOMER)).hear(ContactorMoved(ONE, closed=False))
    for fact in before_the_reading:
        point.hear(fact)
    return point.hear(sample(1103)).hear(ReadingTaken())


def codes(point: PointUnderTest) -> list[str]:
    return [incident.code for outcome in point.outcomes for incident in outcome.batch.incidents]


def sold(point: PointUnderTest) -> tuple[int, bool]:
    session = point.machine.data.session
    assert session is not None
    assert session.ended
    return session.register, session.estimated


def test_charge_with_its_record_is_sold_to_the_last_reading() -> None:
    point = stopped(a_sale(), MeterSigned(ONE, RECORD, "AB", EPOCH))
    assert sold(point) == (1103, False)
    assert codes(point) == []
    assert not point.machine.data.faults


def test_record_that_proves_nothing_ends_the_sale_at_the_value_from_before() -> None:
    point = stopped(a_sale(), SealChecked(ONE, "not its key"))
    assert sold(point) == (1100, True)
    assert codes(point) == ["meter.signature"]
    assert "meter_unsigned" in point.machine.data.faults


def test_charge_without_a_record_of_its_own_is_told_and_is_the_last() -> None:
    older = MeterSigned(ONE, RECORD, "AB", EPOCH - timedelta(hours=1))
    point = stopped(a_sale(), older)
    assert sold(point) == (1103, True)
    assert codes(point) == ["meter.signature"]
    assert not point.machine.data.may_start
    point.hear(ResetFaults())  # nobody can say that it is gone but a technician
    assert not point.machine.data.faults


def test_charge_that_took_nothing_needs_no_record() -> None:
    point = a_point(SOLD_SIGNED).plugged().started(card_order()).locked().energised()
    point.hear(Stop(EndCause.CUSTOMER)).hear(ContactorMoved(ONE, closed=False))
    point.hear(sample(1000)).hear(ReadingTaken())
    assert not point.machine.data.faults


def test_where_records_are_an_option_nothing_stops_without_one() -> None:
    point = stopped(a_sale(PointSettings()))
    assert sold(point) == (1103, False)
    assert not point.machine.data.faults


def test_nobody_begins_where_the_meter_cannot_sign() -> None:
    point = a_point(SOLD_SIGNED).hear(SealChecked(ONE, "no answer at its register"))
    assert not point.machine.data.may_start
    point.hear(ResetFaults())
    assert "meter_unsigned" in point.machine.data.faults  # its cause is there
    point.hear(SealChecked(ONE, "")).hear(ResetFaults())
    assert not point.machine.data.faults
