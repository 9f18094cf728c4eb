"""`payment_ports.Printer` over a serial ESC/POS printer. Silence is a fault, never "paper ok".

    status before -> document -> GS r (answered when all before it is printed) -> status after

A document is proved printed when the printer says so after it, and still has paper then.
"""

import asyncio
from enum import StrEnum
from typing import NoReturn

from chargepoint.domain.devices import DeviceKind, DeviceOffline, DeviceOnline, DeviceRef
from chargepoint.domain.money.paper import Paper
from chargepoint.errors import ChargepointError
from chargepoint.ports import DeviceUnavailable, Emit
from drivers.exchange import Backoff, Collect, Exchange, NoAnswer, Pace
from drivers.port import OpenPort, PortLost
from drivers.printer import codec
from drivers.printer.codec import Condition, Status
from drivers.printer.layout import encode
from drivers.printer.profiles import PrinterProfile
from drivers.trace import Trace

LOOK_S = 5.0
PACE = Pace(timeout_s=0.5, attempts=3)
PRINTING_S = 15.0  # for a long receipt with a QR code on a slow printer
PRINTED_BLINDLY_S = 5.0  # the same, where nothing says that it is done
_DEVICE = DeviceRef(DeviceKind.PRINTER)


class Proof(StrEnum):
    """How it is known that a document came out.

    PROCESSED: the printer answers `GS r`, which waits for all before it. That this means paper has
    moved is [unverified] on printers other than the makers' own. STATUS: for those that answer no
    `GS r`; they are given the time a long receipt takes, then asked for paper and cover. Weaker.
    """

    PROCESSED = "processed"
    STATUS = "status"


class NotReady(ChargepointError):
    """It answers, and cannot print: `str` is the word of the reason."""


class EscPosPrinterDriver:
    """One printer on one line. Emits DeviceOnline and DeviceOffline with the reason."""

    def __init__(
        self,
        open_port: OpenPort,
        emit: Emit,
        trace: Trace,
        *,
        profile: PrinterProfile,
        proof: Proof = Proof.PROCESSED,
    ) -> None:
        self._open_port = open_port
        self._emit = emit
        self._trace = trace
        self._profile = profile
        self._proof = proof
        self._backoff = Backoff()
        self._exchange: Exchange | None = None
        self._turn = asyncio.Lock()
        self._told: str | None = None  # the last state told: "" online, else why not

    async def run(self) -> None:
        while True:
            reason = await self._run_until_lost()
            self._exchange = None
            self._tell(reason)
            await asyncio.sleep(self._backoff.next_s())

    async def print(self, paper: Paper) -> None:
        """Raises DeviceUnavailable when it cannot be proved that the document came out."""
        octets = encode(paper, self._profile)
        async with self._turn:
            exchange = self._exchange
            if exchange is None:
                raise DeviceUnavailable("printer offline")
            try:
                await self._require_ready(exchange)
                await self._put_out(exchange, octets)
                await self._require_ready(exchange)
            except (NoAnswer, PortLost, NotReady) as lost:
                raise DeviceUnavailable(f"not proved to be printed: {lost}") from lost

    async def _put_out(self, exchange: Exchange, octets: bytes) -> None:
        """Returns when it is believed to be on paper; how well, `Proof` says."""
        if self._proof is Proof.PROCESSED:
            await exchange.request(
                octets + codec.PROCESSED,
                _collect_processed,
                meaning="document",
                pace=PACE.once(PRINTING_S),
            )
            return
        await exchange.request(
            octets + codec.ask(Status.PRINTER),
            self._new_status,
            meaning="document",
            pace=PACE.once(PRINTING_S),
        )
        await asyncio.sleep(PRINTED_BLINDLY_S)

    # --- connection -----------------------------------------------------------------------------

    async def _run_until_lost(self) -> str:
        try:
            port = await self._open_port()
        except PortLost as lost:
            return str(lost)
        try:
            await self._serve(Exchange(port, self._trace, PACE))
        except (PortLost, NoAnswer) as lost:
            return str(lost)
        finally:
            port.close()

    async def _serve(self, exchange: Exchange) -> NoReturn:
        while True:
            async with self._turn:
                found = await self._look(exchange)
            self._exchange = exchange
            self._backoff.reset()
            self._tell(found.why_not)
            await asyncio.sleep(LOOK_S)

    async def _require_ready(self, exchange: Exchange) -> None:
        why = (await self._look(exchange)).why_not
        if why:
            self._tell(why)
            raise NotReady(why)

    async def _look(self, exchange: Exchange) -> Condition:
        printer = await self._ask(exchange, Status.PRINTER)
        cause = await self._ask(exchange, Status.OFFLINE_CAUSE)
        return codec.condition(printer, cause, await self._ask(exchange, Status.PAPER))

    async def _ask(self, exchange: Exchange, status: Status) -> int:
        return await exchange.request(
            codec.ask(status), self._new_status, meaning=f"status {status.name.lower()}?"
        )

    def _new_status(self) -> Collect[int]:
        def collect(chunk: bytes) -> int | None:
            found = codec.status_in(chunk)
            self._trace.received(chunk, "" if found is None else "status")
            return found

        return collect

    def _tell(self, why: str) -> None:
        """Online once, and each new reason once."""
        if why == self._told:
            return
        self._told = why
        if why:
            self._emit(DeviceOffline(_DEVICE, why, self._trace.tail()))
        else:
            self._emit(DeviceOnline(_DEVICE, ""))


def _collect_processed() -> Collect[int]:
    return codec.processed_in
