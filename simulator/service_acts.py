"""The technician at the kiosk: the same screens, touched in the same way."""

from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from chargepoint.app import pins
from chargepoint.app.pins import StoredPin
from chargepoint.domain.service.people import Person, Role
from chargepoint.store import schema, service_pins
from simulator.cash_acts import Performer
from simulator.expect import Finding, shown
from simulator.station import StepImpossible

Arguments = Mapping[str, Any]
Press = Callable[[Performer, str], Awaitable[None]]
"""Waits for the button and touches it (acts.py)."""

_PATIENCE_S = 10.0
_HOLD_S = 5.0
_TRIES = 3
_DEEPEST = 4  # pages below T_HOME
_AGAIN_S = 0.5
_MOST_PAGES = 20
_QUICK = 4  # log2 of scrypt's N: these PINs guard nothing
_MINOR = 100


def install_pins(journal: Path, given: Mapping[str, Mapping[str, str]]) -> None:
    """Whom the scenario lets in, as the command of the product writes it."""
    if not given:
        return
    connection = schema.connect(str(journal))
    schema.migrate(connection)
    for name, each in given.items():
        person, salt = Person(name, Role(each["role"])), name.encode().ljust(16, b".")
        stored = StoredPin(person, salt, pins.hashed(each["pin"], salt, _QUICK), _QUICK)
        service_pins.put(connection, stored, "2026-01-01T00:00:00.000Z")
    connection.close()


def service_act(press: Press) -> Callable[[Performer, Arguments], Awaitable[None]]:
    async def perform(player: Performer, arguments: Arguments) -> None:
        technician = _Technician(player, press)
        match arguments:
            case {"login": pin}:
                await technician.log_in(str(pin))
            case {"do": "collect_cash"}:
                await technician.collect(arguments)
            case {"do": "choose", "line": line}:
                await technician.choose(str(line))
            case {"do": "logout"}:
                await technician.log_out()
            case _:
                raise StepImpossible(f"the service menu cannot do {arguments.get('do')!r}")

    return perform


class _Technician:
    def __init__(self, player: Performer, press: Press) -> None:
        self._player = player
        self._press = press

    async def log_in(self, pin: str) -> None:
        await self._hold_the_brand()
        await self._until("t_login")
        await self._type(pin)
        await self._until("t_home")

    async def _hold_the_brand(self) -> None:
        """A screen that changes under the finger takes nothing: a person tries again."""
        for _ in range(_TRIES):
            if await self._player.station.kiosk.press("service", _HOLD_S):
                return
            await self._player.station.changes.wait(_AGAIN_S)
        raise StepImpossible("the brand mark does not answer")

    async def choose(self, line: str) -> None:
        """Touch the line with this label, on whichever page of the list it stands."""
        labels: list[str] = []
        for _ in range(_MOST_PAGES):
            screen = self._player.station.kiosk.screen()
            shown_now = dict(screen.params) if screen is not None else {}
            labels, rows = shown_now.get("labels", []), shown_now.get("rows", [])
            if line in labels and len(rows) > labels.index(line) and rows[labels.index(line)]:
                await self._press(self._player, rows[labels.index(line)])
                return
            if shown_now.get("page", 1) < shown_now.get("pages", 1):
                await self._press(self._player, "t_next")
            await self._player.station.changes.wait(_AGAIN_S)
        raise StepImpossible(f"no line {line!r} can be touched among {labels}")

    async def log_out(self) -> None:
        for _ in range(_DEEPEST):
            if self._screen == "t_home":
                break
            await self._leave("back")
        await self._leave("t_out")
        await self._leave("key_ok")

    async def _leave(self, button: str) -> None:
        """Touch it and see another page."""
        before = self._screen
        await self._press(self._player, button)

        def still_there() -> Finding | None:
            return Finding("another page", before) if self._screen == before else None

        await self._player.eventually(still_there, _PATIENCE_S)

    async def collect(self, arguments: Arguments) -> None:
        """From T_HOME to the new period: `counted` in major units, `seal`, and `reason` if asked."""
        counted = _minor(arguments.get("counted", 0))
        for button in ("t_cash", "t_collect", "t_freeze"):
            await self._leave(button)
        for page in ("t_collect_report", "t_collect_open"):
            await self._until(page)
            await self._press(self._player, "key_ok")
        await self._until("t_collect_count")
        await self._type(str(counted))
        await self._until("t_collect_difference")
        await self._press(self._player, self._reason(str(arguments.get("reason", "unknown"))))
        await self._until("t_collect_seal")
        await self._type(str(arguments.get("seal", "1")))
        await self._until("t_collect_done")

    def _reason(self, reason: str) -> str:
        screen = self._player.station.kiosk.screen()
        labels = list(screen.params.get("labels", [])) if screen is not None else []
        label = f"collect.why.{reason}"
        return f"row_{labels.index(label) + 1}" if label in labels else "key_ok"

    async def _type(self, digits: str) -> None:
        for digit in digits:
            await self._press(self._player, f"key_{digit}")
        await self._press(self._player, "key_ok")

    @property
    def _screen(self) -> str:
        screen = self._player.station.kiosk.screen()
        return screen.id if screen is not None else ""

    async def _until(self, page: str) -> None:
        def elsewhere() -> Finding | None:
            screen = self._player.station.kiosk.screen()
            here = screen is not None and screen.id == page
            return None if here else Finding(page, shown(screen))

        finding = await self._player.eventually(elsewhere, _PATIENCE_S)
        if finding is not None:
            raise StepImpossible(f"{page} does not come: {finding.was}")


def _minor(amount: object) -> int:
    try:
        minor = Decimal(str(amount)) * _MINOR
    except InvalidOperation as error:
        raise StepImpossible(f"{amount!r} is no amount") from error
    return int(minor)
