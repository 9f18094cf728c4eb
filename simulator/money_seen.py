"""Where the amounts that a scenario expects are found: journal, screen and wire."""

import json
from typing import Any

from chargepoint.store import books
from simulator.relay import CALL
from simulator.station import Station


def credit(station: Station, connector: int) -> int:
    """Inserted and not yet in a session; connector 0: all of it, unassigned money too."""
    accounts = books.balances(station.journal)
    if connector:
        return accounts.get(f"credit:{connector}", 0)
    return sum(
        amount
        for account, amount in accounts.items()
        if account == "unassigned" or account.startswith("credit:")
    )


_SHOWS_COST = frozenset(
    {"charging", "paused_car", "paused_grid", "stopping", "finished", "unplug", "receipt"}
)


def cost(station: Station, connector: int) -> int | None:
    """What the charge costs: on the screen if it shows it, else on the last receipt sent.

    Connector 0: whichever charge that is.
    """
    screen = station.kiosk.screen()
    if screen is not None and screen.id in _SHOWS_COST and connector in {0, screen.connector}:
        shown = screen.params.get("cost_minor")
        if isinstance(shown, int):
            return shown
    for receipt in reversed(_receipts(station)):
        if connector in {0, receipt.get("connectorId")}:
            return _total(receipt)
    return None


def _total(receipt: dict[str, Any]) -> int | None:
    total = receipt.get("total")
    amount = total.get("amount") if isinstance(total, dict) else total
    return amount if isinstance(amount, int) else None


def _receipts(station: Station) -> list[dict[str, Any]]:
    found = []
    for frame in station.record.ocpp:
        payload = frame["payload"]
        is_receipt = (frame["type"], frame["dir"], frame["action"]) == (
            CALL,
            "sent",
            "DataTransfer",
        )
        if is_receipt and payload.get("messageId") == "Session.Receipt":
            found.append(json.loads(payload["data"]))
    return found


def paid_out(station: Station) -> int:
    """Coins that left a hopper."""
    return sum(
        int(entry["value"]) for entry in station.record.physical if entry["what"] == "paid_out"
    )


def captured(station: Station) -> int:
    """What the terminal has booked for good, by its own books."""
    return station.devices.captured_minor()
