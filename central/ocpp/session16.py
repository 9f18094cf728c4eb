"""One charge point on one link: OCPP 1.6 messages to our services and back.

Built on the `ocpp` package, with its known traps walled off: frames are looked at before it sees
them, no handler calls the point (a call inside a handler would wait for itself), waiting is bounded
by loop time, and what the package logs in full is not logged.
"""

import asyncio
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, ParamSpec, Protocol, TypeVar

import ocpp.exceptions
from ocpp.charge_point import camel_to_snake_case, remove_nones, snake_to_camel_case
from ocpp.messages import Call, CallError, CallResult
from ocpp.routing import on
from ocpp.v16 import ChargePoint, call, call_result
from ocpp.v16.enums import Action
from typing_extensions import override

from central.clock import Clock, utc_from_text, utc_text
from central.errors import CallRefused, NoAnswer, PointAway
from central.feed import FrameLog
from central.fleet.registry import ConnectorState, PointState, Registry
from central.greencard.charges import Charges, Reading
from central.greencard.records import StartKey
from central.ocpp.desk import GreenCardDesk
from central.ocpp.frames import (
    CallFrame,
    ErrorFrame,
    Refusal,
    ResultFrame,
    Unanswerable,
    read_frame,
)
from central.ocpp.link import Link
from central.ocpp.storable import WHOLE_MOST
from central.reservations.arrivals import Arrivals
from central.reservations.records import Bay

logger = logging.getLogger(__name__)

_Handler = TypeVar("_Handler", bound=Callable[..., Any])
Wanted = ParamSpec("Wanted")
Result = TypeVar("Result")

_CONNECTORS_MOST = 1000
_DESCRIPTION_MAX = 255  # OCPP-J 1.6 §4.2.3
_ACTIONS = frozenset(str(action.value) for action in Action)


def answers(action: Action) -> Callable[[_Handler], _Handler]:
    """The package's `on`, with a type."""
    decorator: Callable[[_Handler], _Handler] = on(action)
    return decorator


class _OnlyOurFaults(logging.Filter):
    """The package logs whole frames, card numbers included; a handler that broke is all we keep."""

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if error is None or isinstance(error, ocpp.exceptions.OCPPError):
            return False
        record.msg, record.args = "handler failed", ()
        return True


_package_logger = logging.getLogger("central.ocpp")
_only_our_faults = _OnlyOurFaults()


@dataclass(slots=True)
class BootPolicy:
    """What BootNotification is answered; may be switched while running."""

    status: str = "Accepted"
    heartbeat_interval_s: int = 300
    retry_interval_s: int = 10


class Run(Protocol):
    """What may wait for the database, without holding up the loop."""

    async def __call__(
        self, job: Callable[Wanted, Result], *args: Wanted.args, **named: Wanted.kwargs
    ) -> Result: ...


@dataclass(frozen=True, slots=True)
class Office:
    """The services behind every session."""

    clock: Clock
    registry: Registry
    charges: Charges
    arrivals: Arrivals
    desk: GreenCardDesk
    frames: FrameLog
    boot: BootPolicy
    run: Run
    id_generator: Callable[[], str]
    call_timeout_s: float


class PointSession(ChargePoint):  # type: ignore[misc]  # the package is not typed
    """Lives as long as its link. `run()` serves; `ask()` calls the point from outside."""

    def __init__(self, point: PointState, link: Link, office: Office) -> None:
        _package_logger.addFilter(_only_our_faults)  # adding it again changes nothing
        super().__init__(point.id, link, office.call_timeout_s, _package_logger)
        self._unique_id_generator = office.id_generator
        self._point = point
        self._link = link
        self._office = office
        self._is_closed = False

    # --- link ---------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Serve until the link is closed; whoever waits for an answer then hears PointAway."""
        try:
            while True:
                text = await self._link.recv()
                self._note("in", text)
                await self.route_message(text)
        except ConnectionError:
            return
        finally:
            self._is_closed = True
            self._response_queue.put_nowait(None)

    async def close(self) -> None:
        await self._link.close()

    def _note(self, direction: str, text: str) -> None:
        now = self._now()
        self._point.last_seen = now if direction == "in" else self._point.last_seen
        self._office.frames.record(now, self._point.id, direction, text)

    @override
    async def _send(self, message: str) -> None:
        self._note("out", message)
        await self._link.send(message)

    @override
    async def route_message(self, raw_msg: str) -> None:
        match read_frame(raw_msg):
            case CallFrame(unique_id, action, payload):
                await self._answer(Call(unique_id, action, payload))
            case ResultFrame(unique_id, payload):
                self._response_queue.put_nowait(CallResult(unique_id, payload))
            case ErrorFrame(unique_id, code, description, details):
                self._response_queue.put_nowait(CallError(unique_id, code, description, details))
            case Refusal(unique_id, code, description):
                await self._refuse(unique_id, code, description)
            case Unanswerable(reason):
                logger.warning("frame ignored", extra={"point": self._point.id, "reason": reason})

    async def _answer(self, message: Call) -> None:
        if message.action not in self.route_map:
            # The package has these two the other way round (OCPP-J 1.6 §4.2.3).
            code = "NotSupported" if message.action in _ACTIONS else "NotImplemented"
            await self._refuse(message.unique_id, code, f"no answer to {message.action}")
            return
        try:
            await self._handle_call(message)
        except ocpp.exceptions.OCPPError as error:
            code = "FormationViolation" if error.code == "FormatViolation" else error.code
            cause = error.details.get("cause", error.description)
            await self._refuse(message.unique_id, code, str(cause))

    async def _refuse(self, unique_id: str, code: str, description: str) -> None:
        logger.warning("call refused", extra={"point": self._point.id, "code": code})
        await self._send(CallError(unique_id, code, description[:_DESCRIPTION_MAX], {}).to_json())

    @override
    async def _get_specific_response(self, unique_id: str, timeout: float) -> Any:
        """As the package's, on loop time instead of the wall clock; ends with the link."""
        async with asyncio.timeout(timeout):
            while True:
                response = None if self._is_closed else await self._response_queue.get()
                if response is None:
                    raise PointAway(f"{self._point.id}: the link ended before the answer")
                if response.unique_id == unique_id:
                    return response
                logger.warning("late answer ignored", extra={"point": self._point.id})

    async def ask(self, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Call the point and give its answer; PointAway, NoAnswer or CallRefused say why not."""
        request = _request(action, payload)
        try:
            response = await self.call(request, suppress=False)
        except ocpp.exceptions.OCPPError as error:
            raise CallRefused(error.code, error.description or "") from error
        except ocpp.exceptions.UnknownCallErrorCodeError as error:
            raise CallRefused("GenericError", str(error)) from error
        except TypeError as error:
            raise CallRefused("FormationViolation", f"answer to {action}: {error}") from error
        except TimeoutError as error:
            raise NoAnswer(f"{self._point.id}: no answer to {action}") from error
        except ConnectionError as error:
            raise PointAway(f"{self._point.id}: {error}") from error
        content = snake_to_camel_case(remove_nones(_plain(response)))
        answer: dict[str, Any] = json.loads(json.dumps(content, default=float))
        return answer

    # --- handlers: answer, never call ---------------------------------------------------------------

    @answers(Action.boot_notification)
    def on_boot(
        self, charge_point_vendor: str, charge_point_model: str, **others: Any
    ) -> call_result.BootNotification:
        point, boot = self._point, self._office.boot
        point.vendor, point.model = charge_point_vendor, charge_point_model
        point.serial = others.get("charge_point_serial_number", "")
        point.firmware = others.get("firmware_version", "")
        point.boot_status = boot.status
        self._office.registry.changed(point)
        accepted = boot.status == "Accepted"
        interval_s = boot.heartbeat_interval_s if accepted else boot.retry_interval_s
        return call_result.BootNotification(self._now(), interval_s, boot.status)

    @answers(Action.heartbeat)
    def on_heartbeat(self) -> call_result.Heartbeat:
        self._office.registry.changed(self._point)
        return call_result.Heartbeat(self._now())

    @answers(Action.status_notification)
    def on_status(
        self, connector_id: int, error_code: str, status: str, **others: Any
    ) -> call_result.StatusNotification:
        _connector(connector_id)
        since = _moment(others["timestamp"]) if "timestamp" in others else self._office.clock.utc()
        self._point.connectors[connector_id] = ConnectorState(
            status, error_code, others.get("info", ""), utc_text(since)
        )
        self._office.registry.changed(self._point)
        return call_result.StatusNotification()

    @answers(Action.authorize)
    async def on_authorize(self, id_tag: str) -> call_result.Authorize:
        office = self._office
        told = {"status": await office.run(office.charges.authorise, id_tag)}
        group = await office.run(office.arrivals.group_of, self._point.id, id_tag)
        if group is not None:
            told["parent_id_tag"] = group
        return call_result.Authorize(told)

    @answers(Action.start_transaction)
    async def on_start(
        self, connector_id: int, id_tag: str, meter_start: int, timestamp: str, **others: Any
    ) -> call_result.StartTransaction:
        _connector(connector_id)
        started_at = utc_text(_moment(timestamp))
        key = StartKey(self._point.id, connector_id, id_tag, started_at, meter_start)
        office, bay = self._office, Bay(self._point.id, connector_id)
        transaction = await office.run(office.charges.start, key)
        reservation, began = others.get("reservation_id"), office.arrivals.began
        await office.run(began, bay, id_tag, reservation, transaction.id, started_at)
        return call_result.StartTransaction(transaction.id, {"status": transaction.status})

    @answers(Action.meter_values)
    async def on_meter_values(
        self, meter_value: list[dict[str, Any]], transaction_id: int | None = None, **_: Any
    ) -> call_result.MeterValues:
        reading = _reading(meter_value)
        if transaction_id is not None:
            measured = self._office.charges.measured
            await self._office.run(measured, self._point.id, transaction_id, reading)
        return call_result.MeterValues()

    @answers(Action.stop_transaction)
    async def on_stop(
        self, transaction_id: int, meter_stop: int, timestamp: str, **others: Any
    ) -> call_result.StopTransaction:
        at = utc_text(_moment(timestamp))
        reason = others.get("reason", "Local")  # OCPP 1.6 §6.45: omitted means Local
        charges, point = self._office.charges, self._point.id
        await self._office.run(charges.stop, point, transaction_id, meter_stop, at, reason)
        await self._office.run(self._office.arrivals.ended, point, transaction_id)
        id_tag = others.get("id_tag")
        if id_tag is None:
            return call_result.StopTransaction()
        status = await self._office.run(charges.authorise, id_tag)
        return call_result.StopTransaction({"status": status})

    @answers(Action.security_event_notification)
    def on_security_event(self, timestamp: str, **_: Any) -> call_result.SecurityEventNotification:
        _moment(timestamp)
        return call_result.SecurityEventNotification()

    @answers(Action.sign_certificate)
    def on_sign_certificate(self, csr: str) -> call_result.SignCertificate:
        """No certificate authority here: the operator's page sends CertificateSigned."""
        return call_result.SignCertificate("Accepted" if csr else "Rejected")

    @answers(Action.firmware_status_notification)
    def on_firmware(self, **_: Any) -> call_result.FirmwareStatusNotification:
        return call_result.FirmwareStatusNotification()

    @answers(Action.signed_firmware_status_notification)
    def on_signed_firmware(self, **_: Any) -> call_result.SignedFirmwareStatusNotification:
        return call_result.SignedFirmwareStatusNotification()

    @answers(Action.diagnostics_status_notification)
    def on_diagnostics(self, **_: Any) -> call_result.DiagnosticsStatusNotification:
        return call_result.DiagnosticsStatusNotification()

    @answers(Action.log_status_notification)
    def on_log(self, **_: Any) -> call_result.LogStatusNotification:
        return call_result.LogStatusNotification()

    @answers(Action.data_transfer)
    async def on_data_transfer(
        self, vendor_id: str, message_id: str | None = None, data: str | None = None
    ) -> call_result.DataTransfer:
        status, content = await self._office.run(
            self._office.desk.answer, self._point.id, vendor_id, message_id, data
        )
        text = None if content is None else json.dumps(content, ensure_ascii=False)
        return call_result.DataTransfer(status, text)

    def _now(self) -> str:
        return utc_text(self._office.clock.utc())


def _request(action: str, payload: dict[str, Any]) -> Any:
    """The package's dataclass for a call; refused when there is none or a field does not fit."""
    kind = getattr(call, action, None) if action in _ACTIONS else None
    if kind is None:
        raise CallRefused("NotImplemented", f"{action} is no OCPP 1.6 action")
    try:
        return kind(**camel_to_snake_case(payload))
    except TypeError as error:
        raise CallRefused("FormationViolation", f"{action}: {error}") from error


def _plain(response: Any) -> dict[str, Any]:
    return {name: getattr(response, name) for name in response.__dataclass_fields__}


def _connector(number: int) -> None:
    """Each is kept: so many that a cabinet can have."""
    if not 0 <= number <= _CONNECTORS_MOST:
        cause = f"connector {number} is not within 0 and {_CONNECTORS_MOST}"
        raise ocpp.exceptions.PropertyConstraintViolationError(details={"cause": cause})


def _moment(text: str) -> datetime:
    try:
        return utc_from_text(text)
    except ValueError as error:
        raise ocpp.exceptions.PropertyConstraintViolationError(
            details={"cause": f"not a time: {text!r}"}
        ) from error


def _reading(meter_value: list[dict[str, Any]]) -> Reading:
    """The newest import register and power; OCPP 1.6 §7.45 defaults apply."""
    register_wh: int | None = None
    power_w: int | None = None
    for sample in (one for taken in meter_value for one in taken["sampled_value"]):
        if "phase" in sample or sample.get("format") == "SignedData":
            continue
        measurand = sample.get("measurand", "Energy.Active.Import.Register")
        if measurand == "Energy.Active.Import.Register":
            register_wh = _whole(sample["value"], sample.get("unit", "Wh"))
        elif measurand == "Power.Active.Import":
            power_w = _whole(sample["value"], sample.get("unit", "W"))
    return Reading(register_wh, power_w)


def _whole(text: str, unit: str) -> int:
    try:
        value = Decimal(text) * (1000 if unit in ("kWh", "kW") else 1)
    except ArithmeticError:
        value = Decimal("NaN")
    # First the size: as a whole number 1e999999 takes minutes.
    if not (value.is_finite() and abs(value) <= WHOLE_MOST):
        cause = f"no reading: {text[:40]!r}"
        raise ocpp.exceptions.PropertyConstraintViolationError(details={"cause": cause})
    return int(value.to_integral_value())
