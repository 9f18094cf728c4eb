"""From a finished session to its posting and its receipt. Pure; the only place that asks for money."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from chargepoint.domain.delivery import VendorMessage
from chargepoint.domain.money import ledger
from chargepoint.domain.money.invoice import page_token
from chargepoint.domain.money.ledger import Posting, Sale
from chargepoint.domain.money.prepaid_vat import CardVat
from chargepoint.domain.pricing.tariff import Component, Consumption, itemised, price, vat_of
from chargepoint.domain.session import Means, Session
from chargepoint.domain.units import ConnectorId, Minor, SessionId


@dataclass(frozen=True, slots=True)
class Bill:
    """The final price of a session and what became of the customer's money."""

    session: Session
    number: str
    total: Minor
    vat: Minor
    rounding: Minor
    absorbed: Minor
    owed: Minor  # change the customer has not got yet
    returned_credit: Minor = Minor(0)  # nothing was sold: back to the connector's credit
    vat_prepaid: Minor | None = None  # in place of `vat`, where the card's top-up was taxed


def bill(
    session: Session, number: str, change_unit: Minor, card_vat: CardVat = CardVat.AT_USE
) -> Bill:
    """Cash is asked in whole change units, rounded down; an overshoot is ours (decisions §4)."""
    cost, exact = session.cost, session.exact_cost
    is_cash = session.order.means is Means.CASH
    total = Minor(cost - cost % change_unit) if is_cash else cost
    held = Minor(session.limit or 0) if is_cash else Minor(0)
    nothing_sold = is_cash and session.energy == 0
    vat = vat_of(session.order.tariff, total)
    is_taxed = card_vat is CardVat.AT_TOPUP and session.order.means is Means.GREENCARD
    return Bill(
        session=session,
        number=number,
        total=total,
        vat=Minor(0) if is_taxed else vat,
        rounding=Minor(cost - total),
        absorbed=Minor(exact - cost),
        owed=Minor(0) if nothing_sold else Minor(max(0, held - total)),
        returned_credit=held if nothing_sold else Minor(0),
        vat_prepaid=vat if is_taxed else None,
    )


def postings(found: Bill, connector: ConnectorId) -> tuple[Posting, ...]:
    """Key `sale:<session>`; none when no money moved."""
    key = f"sale:{found.session.id}"
    if found.returned_credit:
        return (
            ledger.transfer(
                key,
                found.returned_credit,
                debit=ledger.held(connector),
                credit=ledger.credit(connector),
            ),
        )
    prepaid = found.vat_prepaid or Minor(0)
    sale = Sale(found.total, found.vat, found.rounding, found.absorbed, prepaid)
    if found.session.order.means is Means.CASH:
        held = Minor(found.session.limit or 0)
        return (
            ledger.settle(
                key,
                sale,
                payer=ledger.held(connector),
                held_amount=held,
                claim=found.session.id,
            ),
        )
    is_bank = found.session.order.means is Means.BANK
    payer = ledger.CARD_CLEARING if is_bank else ledger.GC_CLEARING
    posting = ledger.settle(key, sale, payer=payer)
    return (posting,) if posting.entries else ()


def is_invoiced(found: Bill) -> bool:
    """Whether the sale is ours to invoice. A token's contract is invoiced by who issued it, and
    money that was taxed when it was loaded has its invoice from then.
    """
    is_ours = found.session.order.means is not Means.TOKEN and found.vat_prepaid is None
    return is_ours and found.total > 0


def receipt(found: Bill, connector: ConnectorId, at: datetime, zone: str = "UTC") -> VendorMessage:
    """`Session.Receipt` (greencard.md, decisions §5): the central system debits exactly `total`.

    `zone`: the station's, for `localTime`; everything else is UTC.
    """
    session, order = found.session, found.session.order
    money = _money(order.tariff.currency)
    payload: dict[str, Any] = {
        "receiptNumber": found.number,
        "page": page_token(session.id),
        "idTag": order.id_tag,
        "means": order.means.value,
        "connectorId": connector,
        "time": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "localTime": local_text(at, zone),
        "lines": _lines(found),
        "vat": {"percent": order.tariff.vat_percent, **money(found.vat)},
        "vatPrepaid": None if found.vat_prepaid is None else money(found.vat_prepaid),
        "total": money(found.total),
        "energyWh": session.energy,
        "includedWh": included_wh(session),
        "registerStart": session.register_start,
        "registerStop": session.register,
        "registerEstimated": session.estimated,
        "signedReading": None if session.signed is None else asdict(session.signed),
        "cashIn": money(session.limit or 0) if order.means is Means.CASH else None,
        "change": money(found.owed) if order.means is Means.CASH else None,
        **_bank(found),
        "tariff": {
            "energyMilliPerKwh": order.tariff.energy_milli_per_kwh,
            "chargingMilliPerMinute": order.tariff.charging_milli_per_minute,
            "idleMilliPerMinute": order.tariff.idle_milli_per_minute,
            "sessionMinor": order.tariff.session_minor,
            "reservationMilliPerMinute": order.tariff.reservation_milli_per_minute,
        },
    }
    return receipt_message(session.id, {k: v for k, v in payload.items() if v is not None})


def included_wh(session: Session) -> int | None:
    """What a plan paid for; the central system takes it off the month that it told."""
    if session.order.means is not Means.GREENCARD:
        return None
    return min(session.energy, session.order.included)


def local_text(at: datetime, zone: str) -> str:
    """As people of the place read it, with its offset: what paper and pages show."""
    return at.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds")


def receipt_message(session: SessionId, payload: dict[str, Any]) -> VendorMessage:
    return VendorMessage(
        key=f"tx:{session}:receipt",
        message_id="Session.Receipt",
        payload=payload,
        session=session,
    )


def _bank(found: Bill) -> dict[str, Any]:
    hold = found.session.order.hold
    if hold is None:
        return {}
    money = _money(found.session.order.tariff.currency)
    return {
        "hold": money(hold.amount),
        "captured": money(found.total),
        "released": money(hold.amount - found.total),
        "maskedPan": hold.masked_pan,
        "terminalId": hold.terminal_id,
        "trace": hold.trace,
        "bankReceipt": hold.receipt_number,
    }


def _money(currency: str) -> Any:
    return lambda minor: {"amount": minor, "currency": currency}


def _lines(found: Bill) -> list[dict[str, Any]]:
    """Itemised by part; the remainder of the one rounding goes to the energy line."""
    session, tariff = found.session, found.session.order.tariff
    if session.energy == 0:
        return []
    included = _included_line(session)
    if tariff.has_conditions:
        return [*included, *_lines_by_price(session), *_corrections(found)]
    used = session.consumption
    none = price(tariff, Consumption())
    charging = price(tariff, Consumption(charging_s=used.charging_s)) - none
    idle = price(tariff, Consumption(idle_s=used.idle_s)) - none
    kept = price(tariff, Consumption(reserved_s=used.reserved_s)) - none
    energy = session.exact_cost - charging - idle - none - kept
    parts: list[tuple[str, int, dict[str, int]]] = [
        ("energy", energy, {"energyWh": used.energy}),
        ("charging", charging, {"seconds": used.charging_s}),
        ("idle", idle, {"seconds": used.idle_s}),
        ("session", none, {}),
        ("reservation", kept, {"seconds": used.reserved_s}),
    ]
    lines = [
        {"item": item, "amount": amount, **more}
        for item, amount, more in parts
        if amount or more.get("energyWh")
    ]
    return [*included, *lines, *_corrections(found)]


def _included_line(session: Session) -> list[dict[str, Any]]:
    """Energy that a flat rate paid for; the energy line is what the customer pays besides."""
    wh = included_wh(session) or 0
    return [{"item": "included", "amount": 0, "energyWh": wh}] if wh else []


def _corrections(found: Bill) -> list[dict[str, Any]]:
    """What of the price is not asked for."""
    parts = (("rounding", -found.rounding), ("absorbed", -found.absorbed))
    return [{"item": item, "amount": amount} for item, amount in parts if amount]


_ITEMS = {
    Component.ENERGY: ("energy", "energyWh", "milliPerKwh"),
    Component.CHARGING_TIME: ("charging", "seconds", "milliPerMinute"),
    Component.IDLE_TIME: ("idle", "seconds", "milliPerMinute"),
    Component.RESERVATION_TIME: ("reservation", "seconds", "milliPerMinute"),
}


def _lines_by_price(session: Session) -> list[dict[str, Any]]:
    """One line for each price that held; the cents of the one rounding go to the largest rests."""
    tariff = session.order.tariff
    lines: list[dict[str, Any]] = []
    by_law = list(Component)  # EUR/kWh, EUR/min, EUR a session, other
    parts = itemised(tariff, session.consumption)
    for component, place, quantity, amount in sorted(parts, key=lambda p: by_law.index(p[0])):
        if component is Component.FIXED_FEE:
            lines.append({"item": "session", "amount": amount})
            continue
        item, unit, rate = _ITEMS[component]
        shown = quantity if component is Component.ENERGY else quantity // 1000
        milli = tariff.milli(component, place)
        lines.append({"item": item, "amount": amount, unit: shown, rate: milli})
    return [line for line in lines if line["amount"]]
