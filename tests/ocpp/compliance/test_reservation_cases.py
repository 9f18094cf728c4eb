"""Reservation, 2.20."""

import asyncio

from tests.support.compliance import OTHER_TAG, TAG, Payload, Site, case, moment

RESERVATION = 41
NO_RESERVATIONS = {"reservation.accept": "false"}


async def reserve(site: Site, connector: int = 1, **other: object) -> str:
    request: Payload = {
        "reservationId": RESERVATION,
        "connectorId": connector,
        "idTag": TAG,
        "expiryDate": moment(3600),
        **other,
    }
    return await site.ask("ReserveNow", **request)


async def reserved(site: Site, **other: object) -> None:
    assert await reserve(site, **other) == "Accepted"
    await site.status("Reserved")


async def unavailable(site: Site, *connectors: int) -> None:
    for connector in connectors:
        answer = await site.ask("ChangeAvailability", connectorId=connector, type="Inoperative")
        assert answer == "Accepted"


async def faulty(site: Site, *connectors: int) -> None:
    for connector in connectors:
        await site.act("fault", device="meter", kind="unplugged", connector=connector)
        await site.status("Faulted", connector, within_s=60)


async def charging_where_reserved(site: Site) -> Payload:
    """The plug changes no status of a connector that is kept; the start from afar does."""
    await site.plug()
    begun = site.read
    answer = await site.ask("RemoteStartTransaction", connectorId=1, idTag=TAG)
    assert answer == "Accepted"
    await site.status("Preparing")
    await site.started()
    site.read = begun
    return await site.next("StartTransaction", connectorId=1, idTag=TAG)


@case()
async def test_tc_046_1_used_by_its_token_at_the_station(site: Site) -> None:
    await unavailable(site, 2)
    await reserved(site)
    await site.present(OTHER_TAG)
    await asyncio.sleep(40)
    assert site.unread() == [] or "StartTransaction" not in {e["action"] for e in site.unread()}
    await site.present(TAG)
    await site.status("Preparing")
    await site.plug()
    await site.press("start")
    start, _ = await site.together(
        ("StartTransaction", {"connectorId": 1, "idTag": TAG}),
        ("StatusNotification", {"connectorId": 1, "status": "Charging"}),
    )
    assert start["reservationId"] == RESERVATION


@case()
async def test_tc_046_2_used_from_afar(site: Site) -> None:
    await reserved(site)
    start = await charging_where_reserved(site)
    assert start["reservationId"] == RESERVATION


@case()
async def test_tc_047_not_used_it_expires_and_others_may_charge(site: Site) -> None:
    await unavailable(site, 2)
    await reserved(site, expiryDate=moment(120))
    reserved_s = site.station.now_s
    await site.status("Available", within_s=125)
    assert 115 < site.station.now_s - reserved_s < 125
    await site.charging(1, OTHER_TAG)
    assert "reservationId" not in site.sent("StartTransaction")[-1]


@case()
async def test_tc_048_1_a_faulty_connector_is_not_reserved(site: Site) -> None:
    await faulty(site, 1)
    assert await reserve(site) == "Faulted"


@case()
async def test_tc_048_2_an_occupied_connector_is_not_reserved(site: Site) -> None:
    await site.plug()
    await site.status("Preparing")
    assert await reserve(site) == "Occupied"


@case()
async def test_tc_048_3_an_unavailable_connector_is_not_reserved(site: Site) -> None:
    await unavailable(site, 1)
    await site.status("Unavailable")
    assert await reserve(site) == "Unavailable"


@case(config=NO_RESERVATIONS)
async def test_tc_048_4_a_station_without_reservations_rejects_one(site: Site) -> None:
    assert await reserve(site) == "Rejected"
    await site.silent("StatusNotification", for_s=5)


@case()
async def test_tc_049_any_connector_is_reserved_and_used(site: Site) -> None:
    await unavailable(site, 2)
    assert await reserve(site, 0) == "Accepted"
    await site.status("Reserved")
    start = await charging_where_reserved(site)
    assert start["reservationId"] == RESERVATION


@case()
async def test_tc_050_1_a_faulty_station_is_not_reserved(site: Site) -> None:
    await faulty(site, 1, 2)
    assert await reserve(site, 0) == "Faulted"


@case()
async def test_tc_050_2_an_occupied_station_is_not_reserved(site: Site) -> None:
    for connector in (1, 2):
        await site.plug(connector)
        await site.status("Preparing", connector)
    assert await reserve(site, 0) == "Occupied"


@case()
async def test_tc_050_3_an_unavailable_station_is_not_reserved(site: Site) -> None:
    await unavailable(site, 0)
    await site.statuses("Unavailable", "Unavailable", "Unavailable")
    assert await reserve(site, 0) == "Unavailable"


@case(config=NO_RESERVATIONS)
async def test_tc_050_4_a_station_without_reservations_rejects_one_of_itself(site: Site) -> None:
    assert await reserve(site, 0) == "Rejected"


@case()
async def test_tc_051_a_cancelled_one_frees_its_connector(site: Site) -> None:
    await reserved(site)
    assert await site.ask("CancelReservation", reservationId=RESERVATION) == "Accepted"
    await site.status("Available")
    await site.charging(1, OTHER_TAG)
    assert "reservationId" not in site.sent("StartTransaction")[-1]


@case()
async def test_tc_052_an_unknown_one_is_not_cancelled(site: Site) -> None:
    await reserved(site)
    assert await site.ask("CancelReservation", reservationId=RESERVATION + 1) == "Rejected"
    await site.silent("StatusNotification", for_s=5)


@case()
async def test_tc_053_used_by_another_token_of_the_group(site: Site) -> None:
    await unavailable(site, 2)
    await reserved(site, parentIdTag="FLEET")
    site.answers("Authorize", {"idTagInfo": {"status": "Accepted", "parentIdTag": "FLEET"}})
    await site.authorised(OTHER_TAG)
    await site.status("Preparing")
    await site.plug()
    await site.press("start")
    start, _ = await site.together(
        ("StartTransaction", {"connectorId": 1, "idTag": OTHER_TAG}),
        ("StatusNotification", {"connectorId": 1, "status": "Charging"}),
    )
    assert start["reservationId"] == RESERVATION
