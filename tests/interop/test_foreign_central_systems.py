"""Central systems nobody here wrote, with strict validation on: both sides accept every frame.

Two npm packages behind tests/interop/*.mjs (installed by ./test where npm is present); the `ocpp`
package's server is what central/ is built on.
"""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typing_extensions import override

from chargepoint.domain.units import ConnectorId
from chargepoint.ocpp.backend16 import Ocpp16Backend
from chargepoint.ocpp.link import Link, Terms
from chargepoint.ocpp.websocket import Access, websocket_connect
from chargepoint.ports import LinkState, PointStatus, StatusReport
from simulator.paced import PacedLoop
from tests.support.ocpp_peer import ScriptedCentral, a_bench, a_reading, a_start, a_stop

HERE = Path(__file__).parent
LIMIT_S = 20

pytestmark = pytest.mark.skipif(
    shutil.which("node") is None or not (HERE / "node_modules").is_dir(),
    reason="Node.js or the packages of tests/interop/package.json are not installed",
)

Line = dict[str, Any]


class Foreign:
    """A central system in a process of its own; what it says is in `lines`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._lines: list[Line] = []
        self._news = asyncio.Event()
        self._numbers = 0

    async def listen(self) -> None:
        assert self._process.stdout is not None
        async for text in self._process.stdout:
            self._lines.append(json.loads(text))
            self._news.set()

    async def line(self, key: str, value: Any = None) -> Line:
        """The first line that holds `key` (with `value`), as soon as it is there."""
        async with asyncio.timeout(LIMIT_S):
            while True:
                for line in self._lines:
                    if key in line and (value is None or line[key] == value):
                        return line
                self._news.clear()
                await self._news.wait()

    def heard(self, action: str) -> list[Line]:
        return [line["params"] for line in self._lines if line.get("heard") == action]

    @property
    def invalid(self) -> list[str]:
        return [line["invalid"] for line in self._lines if "invalid" in line]

    async def call(self, action: str, **params: Any) -> Line:
        assert self._process.stdin is not None
        self._numbers += 1
        order = {"number": self._numbers, "call": action, "params": params}
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        answer = await self.line("answer", self._numbers)
        assert "error" not in answer, f"{action}: {answer}"
        result: Line = answer["result"]
        return result


@asynccontextmanager
async def foreign(script: str) -> AsyncIterator[tuple[Foreign, int]]:
    process = await asyncio.create_subprocess_exec(
        "node",
        str(HERE / script),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.TaskGroup() as group:
            central = Foreign(process)
            listening = group.create_task(central.listen())
            yield central, int((await central.line("port"))["port"])
            listening.cancel()
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@dataclass
class Dialled(ScriptedCentral):
    """Stands for the foreign system where the bench wants one of its own."""

    port: int = 0

    @override
    async def connect(self, terms: Terms) -> Link:
        return await websocket_connect(Access(f"ws://127.0.0.1:{self.port}", "CP-1"))(terms)


SERVERS = ("ocpp_rpc.mjs", "ocpp_ws_io.mjs")


def _in_real_time(story: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=PacedLoop) as runner:
        runner.run(story)


async def _told(backend: Ocpp16Backend, state: LinkState) -> None:
    async with asyncio.timeout(LIMIT_S):
        while backend.link is not state:  # noqa: ASYNC110 - the backend's own state
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("script", SERVERS)
def test_a_foreign_central_system_when_strict_then_every_message_of_a_charge_is_accepted(
    script: str,
) -> None:
    async def scenario() -> None:
        async with (
            foreign(script) as (central, port),
            a_bench(Dialled(port=port), settle_s=0) as station,
        ):
            await _told(station.backend, LinkState.ONLINE)
            station.backend.report(StatusReport(ConnectorId(1), PointStatus.AVAILABLE))
            station.add(a_start(), a_reading(), a_stop())
            await central.line("heard", "StopTransaction")
            assert central.heard("BootNotification")[0]["chargePointVendor"] == "Citere"
            assert central.heard("MeterValues")[0]["transactionId"] == 1
            assert central.heard("StatusNotification")
            assert central.invalid == []

    _in_real_time(scenario())


QUESTIONS: tuple[tuple[str, Line], ...] = (
    ("GetConfiguration", {}),
    ("ChangeConfiguration", {"key": "HeartbeatInterval", "value": "600"}),
    ("ChangeAvailability", {"connectorId": 1, "type": "Operative"}),
    ("TriggerMessage", {"requestedMessage": "Heartbeat"}),
    ("RemoteStartTransaction", {"idTag": "TAG1", "connectorId": 1}),
    ("RemoteStopTransaction", {"transactionId": 77}),
    ("UnlockConnector", {"connectorId": 1}),
    ("DataTransfer", {"vendorId": "nobody"}),
    ("ClearCache", {}),
    ("GetLocalListVersion", {}),
    ("SendLocalList", {"listVersion": 1, "updateType": "Full"}),
    (
        "ReserveNow",
        {
            "connectorId": 1,
            "expiryDate": "2100-01-01T00:00:00Z",
            "idTag": "TAG1",
            "reservationId": 1,
        },
    ),
    ("CancelReservation", {"reservationId": 1}),
    ("GetCompositeSchedule", {"connectorId": 1, "duration": 3600}),
    (
        "SetChargingProfile",
        {
            "connectorId": 0,
            "csChargingProfiles": {
                "chargingProfileId": 1,
                "stackLevel": 0,
                "chargingProfilePurpose": "ChargePointMaxProfile",
                "chargingProfileKind": "Absolute",
                "chargingSchedule": {
                    "startSchedule": "2026-01-01T00:00:00Z",
                    "chargingRateUnit": "A",
                    "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 16.1}],
                },
            },
        },
    ),
    ("ClearChargingProfile", {}),
    ("Reset", {"type": "Soft"}),
)


@pytest.mark.parametrize("script", SERVERS)
def test_a_foreign_central_system_when_it_asks_everything_then_every_answer_is_accepted(
    script: str,
) -> None:
    async def scenario() -> None:
        async with (
            foreign(script) as (central, port),
            a_bench(Dialled(port=port), settle_s=0) as station,
        ):
            await _told(station.backend, LinkState.ONLINE)
            for action, params in QUESTIONS:
                await central.call(action, **params)
            await central.line("heard", "Heartbeat")
            assert central.invalid == []

    _in_real_time(scenario())
