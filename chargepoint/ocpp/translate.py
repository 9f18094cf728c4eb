"""Pure: domain values to OCPP 1.6 payloads and back. Words and shapes live here, nothing happens.

Outside answers are read leniently where a person in front of the station would suffer otherwise.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from chargepoint.domain.delivery import (
    SESSION_UNPLUGGED,
    TransactionEnded,
    TransactionStarted,
    VendorMessage,
)
from chargepoint.domain.money.account import (
    Account,
    AccountState,
    Discount,
    Plan,
    TokenAnswer,
    TokenStatus,
)
from chargepoint.domain.units import Minor, Wh
from chargepoint.errors import ChargepointError
from chargepoint.ocpp.account_tariff import account_tariff, whole
from chargepoint.ocpp.frames import Payload
from chargepoint.ports import PointStatus, StatusReport

VENDOR = "es.citere"
COST_VENDOR = "org.openchargealliance.costmsg"
_SHORT_CHARS = 100
_MESSAGE_CHARS = 500
_MOST_LANGUAGES = 16


class AnswerUnreadable(ChargepointError):
    """A vendor answer that does not have the agreed shape."""


@dataclass(frozen=True, slots=True)
class StationIdentity:
    """What BootNotification says of this station; empty fields are left out."""

    id: str
    vendor: str
    model: str
    serial: str = ""
    firmware: str = ""
    meter_type: str = ""
    meter_serial: str = ""


def boot_notification(identity: StationIdentity) -> Payload:
    """OCPP 1.6 §6.3."""
    fields = {
        "chargePointVendor": identity.vendor[:20],
        "chargePointModel": identity.model[:20],
        "chargePointSerialNumber": identity.serial[:25],
        "firmwareVersion": identity.firmware[:50],
        "meterType": identity.meter_type[:25],
        "meterSerialNumber": identity.meter_serial[:25],
    }
    required = {"chargePointVendor", "chargePointModel"}
    return {name: text for name, text in fields.items() if text or name in required}


# --- time ---------------------------------------------------------------------------------------


_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = datetime(9000, 1, 1, tzinfo=UTC)


def to_timestamp(moment: datetime) -> str:
    """UTC, milliseconds, `Z`: more digits are refused by some systems."""
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def from_timestamp(text: str) -> datetime | None:
    """A time in UTC, or None when unreadable. Without a zone it is UTC (§3.14).

    "For ever" is written as the last second of the calendar, where neither a time zone nor a minute
    more has a place; it becomes a day that leaves room for both. So does the calendar's first.
    """
    try:
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return min(max(moment, _EARLIEST), _LATEST).astimezone(UTC)
    except ValueError:
        return None


# --- status -------------------------------------------------------------------------------------

_STATION_STATUSES = {PointStatus.AVAILABLE, PointStatus.UNAVAILABLE, PointStatus.FAULTED}


def status_notification(report: StatusReport, at: datetime) -> Payload:
    """OCPP 1.6 §4.9: connector 0 knows three statuses only."""
    status = report.status
    if report.connector == 0 and status not in _STATION_STATUSES:
        status = PointStatus.AVAILABLE
    payload: Payload = {
        "connectorId": report.connector,
        "errorCode": report.error_code,
        "status": status.value,
        "timestamp": to_timestamp(at),
    }
    if report.info:
        payload["info"] = report.info[:50]
    if report.vendor_error_code:
        payload |= {"vendorId": VENDOR, "vendorErrorCode": report.vendor_error_code[:50]}
    return payload


# --- transactions -------------------------------------------------------------------------------


def start_transaction(started: TransactionStarted) -> Payload:
    payload: Payload = {
        "connectorId": started.connector,
        "idTag": started.id_tag,
        "meterStart": started.register,
        "timestamp": to_timestamp(started.at),
    }
    if started.reservation is not None:
        payload["reservationId"] = started.reservation
    return payload


def stop_transaction(ended: TransactionEnded, remote_id: int, measured: list[Payload]) -> Payload:
    """`measured`: what the central system wants to have with it (`transactionData`)."""
    payload: Payload = {
        "transactionId": remote_id,
        "meterStop": ended.register,
        "timestamp": to_timestamp(ended.at),
        "reason": ended.reason.value,
    }
    if ended.id_tag:
        payload["idTag"] = ended.id_tag
    if measured:
        payload["transactionData"] = measured
    return payload


def transaction_id(payload: Payload) -> int | None:
    """The transaction id of a message; JSON has no largest integer, a stored id has 64 bits."""
    number = payload.get("transactionId")
    return number if type(number) is int and -(2**63) <= number < 2**63 else None


# --- tokens -------------------------------------------------------------------------------------

_TOKEN_STATUSES = {
    "Accepted": TokenStatus.ACCEPTED,
    "Blocked": TokenStatus.BLOCKED,
    "Expired": TokenStatus.EXPIRED,
    "Invalid": TokenStatus.INVALID,
    "ConcurrentTx": TokenStatus.CONCURRENT_TX,
}


@dataclass(frozen=True, slots=True)
class TagInfo:
    """IdTagInfo (§7.27)."""

    status: TokenStatus
    expires: datetime | None = None
    parent: str | None = None


def tag_info(payload: Payload) -> TagInfo | None:
    """The `idTagInfo` of an answer, None when there is none to read."""
    info = payload.get("idTagInfo")
    if not isinstance(info, dict) or info.get("status") not in _TOKEN_STATUSES:
        return None
    expiry, parent = info.get("expiryDate"), info.get("parentIdTag")
    return TagInfo(
        status=_TOKEN_STATUSES[info["status"]],
        expires=from_timestamp(expiry) if isinstance(expiry, str) else None,
        parent=parent if isinstance(parent, str) else None,
    )


# --- vendor messages ----------------------------------------------------------------------------


def data_transfer(message_id: str, content: dict[str, Any]) -> Payload:
    """`data` is one JSON string (§4.3, design: greencard.md)."""
    return {"vendorId": VENDOR, "messageId": message_id, **vendor_data(content)}


def vendor_data(content: dict[str, Any]) -> Payload:
    """The part of a request or an answer that the two vendors agreed on."""
    return {"data": json.dumps(content, separators=(",", ":"), allow_nan=False)}


def vendor_message(message: VendorMessage, remote_id: int | None) -> Payload:
    content = dict(message.payload)
    if remote_id is not None:
        content["transactionId"] = remote_id
    payload = data_transfer(message.message_id, content)
    if message.message_id == SESSION_UNPLUGGED:  # a word of the public convention for prices
        payload |= {"vendorId": COST_VENDOR, "messageId": "ConnectorUnplugged"}
    return payload


def vendor_content(answer: Payload) -> dict[str, Any]:
    """The object inside `data`; raises AnswerUnreadable."""
    try:
        content = json.loads(answer.get("data") or "")
    except (TypeError, ValueError, RecursionError) as error:
        raise AnswerUnreadable("data is not JSON") from error
    if not isinstance(content, dict):
        raise AnswerUnreadable("data is not a JSON object")
    return content


_ACCOUNT_STATUSES = {
    AccountState.ACTIVE: TokenStatus.ACCEPTED,
    AccountState.BLOCKED: TokenStatus.BLOCKED,
    AccountState.EXPIRED: TokenStatus.EXPIRED,
}


def account_answer(content: dict[str, Any]) -> TokenAnswer:
    """The answer to GreenCard.Account; raises AnswerUnreadable. Unknown fields are ignored.

    An account that may not be used needs no tariff.
    """
    try:
        status = _ACCOUNT_STATUSES[AccountState(content["state"])]
        if status is not TokenStatus.ACCEPTED and "tariff" not in content:
            return TokenAnswer(status)
        return TokenAnswer(status, _account(content))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise AnswerUnreadable(f"GreenCard.Account: {error!r}") from error


def _account(content: dict[str, Any]) -> Account:
    tariff = account_tariff(content["tariff"])
    plan = content.get("plan") or {}
    discount = content.get("discount") or {}
    preference = content.get("preference") or {}
    wh_left, until_next = plan.get("whLeft"), discount.get("chargesUntilNext")
    return Account(
        state=AccountState(content["state"]),
        balance=_money(content["balance"], tariff.currency),
        spend_limit=_money(content.get("spendLimit") or content["balance"], tariff.currency),
        tariff=tariff,
        plan=Plan(
            kind=_short(plan.get("kind", "prepaid")),
            wh_left=None if wh_left is None else Wh(whole(wh_left)),
        ),
        discount=Discount(
            percent=whole(discount.get("percent", 0)),
            reason=_short(discount.get("reason", "")),
            charges_until_next=None if until_next is None else whole(until_next),
        ),
        points=whole(content.get("points", 0)),
        message=_message(content.get("message") or {}),
        language=_short(preference.get("language", "")),
        easy=preference.get("easy") is True,
    )


def _money(content: dict[str, Any], currency: str) -> Minor:
    if content["currency"] != currency:
        raise ValueError(f"money in {content['currency']}, tariff in {currency}")
    return Minor(whole(content["amount"]))


def _short(text: object) -> str:
    return str(text)[:_SHORT_CHARS]


def _message(texts: dict[str, Any]) -> dict[str, str]:
    """What the kiosk shows by language: bounded, because it travels on with every screen."""
    few = list(texts.items())[:_MOST_LANGUAGES]
    return {_short(language): str(text)[:_MESSAGE_CHARS] for language, text in few}
