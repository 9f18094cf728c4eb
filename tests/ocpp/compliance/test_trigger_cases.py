"""Remote Trigger, 2.21."""

from tests.support.compliance import Site, case


@case()
async def test_tc_054_each_message_is_sent_when_asked_for(site: Site) -> None:
    async def trigger(message: str, **connector: int) -> None:
        answer = await site.ask("TriggerMessage", requestedMessage=message, **connector)
        assert answer == "Accepted", message

    await trigger("MeterValues", connectorId=1)
    values = await site.next("MeterValues", connectorId=1)
    sampled = values["meterValue"][0]["sampledValue"]
    assert {each["context"] for each in sampled} == {"Trigger"}
    await trigger("Heartbeat")
    await site.next("Heartbeat")
    await trigger("StatusNotification", connectorId=1)
    await site.status("Available")
    await trigger("DiagnosticsStatusNotification")
    await site.next("DiagnosticsStatusNotification", status="Idle")
    await trigger("FirmwareStatusNotification")
    await site.next("FirmwareStatusNotification", status="Idle")


@case()
async def test_tc_055_a_message_of_an_unknown_connector_is_refused(site: Site) -> None:
    number = int(await site.value_of("NumberOfConnectors")) + 1
    answer = await site.ask("TriggerMessage", requestedMessage="MeterValues", connectorId=number)
    assert answer in {"Rejected", "PropertyConstraintViolation"}
    await site.silent("MeterValues", for_s=5)
