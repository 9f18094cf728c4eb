"""Digital input and output module behind `ports.Cabinet`: presses and coins are counted by the module,
levels are read, lamps and beeper are told (drivers/cabinet/outputs.py).

    unit 02 | 0000 | 0008      what is closed now: keys, jack, door
    unit 04 | 0000 | 0004      a counter for each input, up by one each time it closes

A press shorter than the time between two questions is in the counter. The addresses are those of
common modules of 8 or 16 inputs with counters [unverified for any one of them: see InputMap].
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from chargepoint.domain.devices import (
    CoinsFell,
    DeviceIncident,
    DeviceKind,
    DeviceOffline,
    DeviceOnline,
    DeviceRef,
    DoorMoved,
    Hazard,
    HazardCleared,
    HazardRaised,
    JackMoved,
    KeyPressed,
    TactileKey,
)
from chargepoint.domain.signals import Lamp
from chargepoint.domain.units import ConnectorId
from chargepoint.errors import ChargepointError
from chargepoint.ports import Clock, DeviceUnavailable, Emit
from drivers.cabinet.contacts import SETTLED_S, Contact, alarms
from drivers.cabinet.outputs import OutputMap, Outputs
from drivers.exchange import Backoff, NoAnswer
from drivers.modbus.bus import ModbusBus, Priority, Refused
from drivers.modbus.codec import read_discrete_inputs, read_input_registers, write_coil
from drivers.port import PortLost

AWAKE_S = 0.1  # between two questions while somebody uses the keys: under any threshold of feeling;
#                and while power flows: a supply that fails tells 300 ms before it is dark
IDLE_S = 0.5  # a first key is noticed after this at the latest
AWAKE_FOR_S = 60.0
FAILURES = 2
STUCK_S = 30.0  # nobody holds a key that long: dirt, ice, or a jammed cap
STALE_S = 3.0  # a press that is learnt of later may meet another screen
COUNTER_LIMIT = 0x10000
NO_LAMPS_S = 30.0  # then coils that did not answer are told again
MOST_PRESSES = 5  # between two questions; more is a module that lost its mind, or began anew
MOST_COINS = 255  # the same: of one payout

KEYS = (TactileKey.PREV, TactileKey.NEXT, TactileKey.OK, TactileKey.CANCEL)


@dataclass(frozen=True, slots=True)
class InputMap:
    """Where a module keeps things. The four keys lie side by side, in their order on the panel."""

    input_base: int = 0x0000
    counter_base: int = 0x0000
    keys: int = 0
    jack: int = 4
    door: int = 5
    # Closed is the alarm. Both act by themselves, too: the emergency stop in the coil supply.
    emergency_stop: int = 6
    mains_lost: int = 7
    payout: int | None = None  # closes for each coin that falls into the tray
    tilt: int | None = None
    flood: int | None = None
    cable_torn: int | None = None  # the breakaway contacts of all cables, side by side
    count: int = 8

    @property
    def hazards(self) -> dict[Hazard, int]:
        """Contacts that are there."""
        places = {
            Hazard.EMERGENCY_STOP: self.emergency_stop,
            Hazard.MAINS_LOST: self.mains_lost,
            Hazard.TILT: self.tilt,
            Hazard.FLOOD: self.flood,
            Hazard.CABLE_TORN: self.cable_torn,
        }
        return {hazard: place for hazard, place in places.items() if place is not None}

    @property
    def counters(self) -> int:
        return len(KEYS) if self.payout is None else self.payout + 1 - self.keys


FULL_INPUTS = InputMap(payout=8, tilt=9, flood=10, cable_torn=11, count=16)
FULL_OUTPUTS = OutputMap()


class CabinetDriver:
    """Implements `ports.Cabinet`."""

    def __init__(
        self,
        bus: ModbusBus,
        emit: Emit,
        *,
        clock: Clock,
        unit: int = 1,
        inputs: InputMap | None = None,
        outputs: OutputMap | None = None,
    ) -> None:
        """`outputs` None: nothing is wired to the module's coils, or it has none."""
        self._bus = bus
        self._emit = emit
        self._clock = clock
        self._unit = unit
        self._inputs = InputMap() if inputs is None else inputs
        self._outputs = None if outputs is None else Outputs(outputs)
        self._output_map = OutputMap() if outputs is None else outputs
        self._wanted = asyncio.Event()  # something else is to be shown, or looked at
        self._is_close = False
        # The module has no coils where they should be, or they do not answer.
        self._dark_until_s = float("-inf")
        self._coins: int | None = None
        self._device = DeviceRef(DeviceKind.CABINET)
        self._backoff = Backoff(first_s=0.5, longest_s=10.0)
        self._counts: tuple[int, ...] | None = None
        self._counted_s = float("-inf")
        self._jack, self._door = Contact(SETTLED_S), Contact()
        self._is_known = False  # how those two stand
        self._alarms = alarms()
        self._closed_since: dict[TactileKey, float] = {}
        self._told_stuck: set[TactileKey] = set()
        self._used_s = float("-inf")
        self._is_online: bool | None = None
        self._failures = 0

    async def run(self) -> None:
        await self._bus.keep(self._attempt)

    @property
    def has_signals(self) -> bool:
        return self._outputs is not None

    def light(self, connector: ConnectorId, lamp: Lamp) -> None:
        if self._outputs is not None:
            self._outputs.light(connector, lamp)
            self._wanted.set()

    def beep(self, times: int) -> None:
        if self._outputs is not None:
            self._outputs.beep(times)
            self._wanted.set()

    def watch(self, *, closely: bool) -> None:
        if closely and not self._is_close:
            self._wanted.set()
        self._is_close = closely

    async def _attempt(self) -> float:
        """One look, and what is to be shown; seconds to the next."""
        try:
            await self.look()
        except DeviceUnavailable:
            return self._backoff.next_s()
        self._backoff.reset()
        now_s = self._clock.monotonic()
        is_awake = self._is_close or now_s - self._used_s < AWAKE_FOR_S or self._is_unsettled
        pause_s = AWAKE_S if is_awake else IDLE_S
        if self._outputs is not None:
            pause_s = min(pause_s, self._outputs.next_s(now_s))
        return await self._rested(pause_s)

    async def _rested(self, pause_s: float) -> float:
        """A lamp that changes, a beep, and power that begins to flow, wait for no next look."""
        with suppress(TimeoutError):
            async with asyncio.timeout(pause_s):
                await self._wanted.wait()
        self._wanted.clear()
        return 0.0

    async def look(self) -> None:
        """Ask the module now, tell what has changed, show what is wanted; raises DeviceUnavailable."""
        inputs = self._inputs
        levels = read_discrete_inputs(self._unit, inputs.input_base, inputs.count)
        counters = read_input_registers(
            self._unit, inputs.counter_base + inputs.keys, inputs.counters
        )
        try:
            counts = tuple((await self._bus.ask(counters, Priority.READING)).registers)
            bits = (await self._bus.ask(levels, Priority.READING)).bits
        except (NoAnswer, Refused, PortLost) as failed:
            if isinstance(failed, PortLost):
                self._failures = FAILURES  # no second look is needed
            self._failed(failed)
            raise DeviceUnavailable(f"cabinet: {failed}") from failed
        is_back = not self._is_online
        self._heard()
        self._note_hazards({each: bool(bits[place]) for each, place in inputs.hazards.items()})
        self._note_keys(counts[: len(KEYS)])
        if inputs.payout is not None:
            self._note_coins(counts[-1])
        self._note_levels(bool(bits[inputs.jack]), bool(bits[inputs.door]))
        self._note_stuck([bool(bits[inputs.keys + place]) for place in range(len(KEYS))])
        await self._show(is_back=is_back)

    async def _show(self, *, is_back: bool) -> None:
        """Coil by coil: what was told is remembered, so that a lost answer is told again."""
        if self._outputs is None:
            return
        if is_back:
            self._outputs.begin()
            self._dark_until_s = float("-inf")
        if self._clock.monotonic() < self._dark_until_s:
            return
        try:
            await self._write_due(self._outputs)
        except (Refused, NoAnswer) as refused:
            # Its inputs are worth more than its lamps, and were heard a moment ago.
            is_news = self._dark_until_s == float("-inf")
            is_final = isinstance(refused, Refused)
            pause_s = float("inf") if is_final else NO_LAMPS_S
            self._dark_until_s = self._clock.monotonic() + pause_s
            if is_news:
                detail = f"the module takes no order for a lamp or the beeper: {refused}"
                self._emit(DeviceIncident(self._device, "cabinet.no_outputs", detail))
        except PortLost as lost:
            self._failures = FAILURES
            self._failed(lost)
            raise DeviceUnavailable(f"cabinet: {lost}") from lost

    async def _write_due(self, outputs: Outputs) -> None:
        for write in outputs.due(self._clock.monotonic()):
            request = write_coil(
                self._unit, write.address(self._output_map), write.value(self._output_map)
            )
            await self._bus.ask(request, Priority.READING)
            outputs.told(write, self._clock.monotonic())

    def _note_coins(self, count: int) -> None:
        before, self._coins = self._coins, count
        if before is not None and 0 < (fell := (count - before) % COUNTER_LIMIT) <= MOST_COINS:
            self._emit(CoinsFell(fell))

    def _note_keys(self, counts: tuple[int, ...]) -> None:
        """Counters of before this life, of before a reset of the module, or so old that another
        screen may have come since, are nobody's presses.
        """
        now_s = self._clock.monotonic()
        before, self._counts = self._counts, counts
        is_stale, self._counted_s = now_s - self._counted_s > STALE_S, now_s
        if before is None or is_stale:
            return
        for key, old, new in zip(KEYS, before, counts, strict=True):
            presses = (new - old) % COUNTER_LIMIT
            if 0 < presses <= MOST_PRESSES and key not in self._told_stuck:
                self._used_s = now_s
                for _ in range(presses):
                    self._emit(KeyPressed(key))

    def _note_levels(self, jack: bool, door: bool) -> None:
        now_s, is_known = self._clock.monotonic(), self._is_known
        self._is_known = True
        if self._jack.seen(jack, now_s) if is_known else self._jack.found(jack):
            self._used_s = now_s
            self._emit(JackMoved(jack))
        if self._door.seen(door, now_s) if is_known else self._door.found(door):
            self._emit(DoorMoved(door))

    def _note_hazards(self, closed: dict[Hazard, bool]) -> None:
        for hazard, is_there in closed.items():
            if self._alarms[hazard].seen(is_there, self._clock.monotonic()):
                self._emit(HazardRaised(hazard) if is_there else HazardCleared(hazard))

    @property
    def _is_unsettled(self) -> bool:
        contacts = (self._jack, self._door, *self._alarms.values())
        return any(contact.is_unsettled for contact in contacts)

    def _note_stuck(self, closed: list[bool]) -> None:
        """A key that never comes up is told once, and its presses are no presses until it does."""
        now_s = self._clock.monotonic()
        for key, is_closed in zip(KEYS, closed, strict=True):
            if not is_closed:
                self._closed_since.pop(key, None)
                self._told_stuck.discard(key)
                continue
            since_s = self._closed_since.setdefault(key, now_s)
            if now_s - since_s >= STUCK_S and key not in self._told_stuck:
                self._told_stuck.add(key)
                detail = f"the key {key} has been down for {STUCK_S:.0f} s"
                self._emit(DeviceIncident(self._device, "cabinet.key_stuck", detail))

    def _heard(self) -> None:
        self._failures = 0
        if not self._is_online:
            self._is_online = True
            self._emit(DeviceOnline(self._device))

    def _failed(self, why: ChargepointError) -> None:
        self._failures += 1
        if self._failures >= FAILURES and self._is_online is not False:
            self._is_online = False
            self._coins = None
            self._emit(DeviceOffline(self._device, str(why), self._bus.trace.tail()))
