"""The central system as a scenario sees it: its moods and messages through the relay, its accounts."""

from collections.abc import Mapping
from typing import Any, Protocol

from central.system import CentralSystem
from simulator.cards import CardSpec
from simulator.relay import CentralState, Relay
from simulator.relay_links import Junction
from simulator.station import StepImpossible


class RelayDoor(Protocol):
    """The relay with its links, in memory or on websockets."""

    relay: Relay
    junction: Junction

    async def set_state(self, state: CentralState) -> None: ...

    async def apply(self) -> None: ...


class Office:
    """Implements station.CentralOffice. `system` is None where the central system is not ours."""

    def __init__(self, door: RelayDoor, system: CentralSystem | None) -> None:
        self._door = door
        self._system = system

    @property
    def is_linked(self) -> bool:
        return self._door.junction.is_linked

    @property
    def state(self) -> CentralState:
        return self._door.relay.state

    async def set_state(self, state: CentralState) -> None:
        await self._door.set_state(state)

    def send(self, action: str, payload: Any) -> None:
        self._door.junction.require_link()
        self._door.junction.inject(self._door.relay.call(action, payload))

    def send_raw(self, text: str) -> None:
        self._door.junction.require_link()
        self._door.junction.inject(self._door.relay.raw(text))

    def answer(self, action: str, payload: Any, *, times: int | None, error: str) -> None:
        self._door.relay.answer(action, payload, times=times, error=error)

    def balance_minor(self, card_number: str) -> int:
        if self._system is None:
            raise StepImpossible("the accounts of a foreign central system cannot be read")
        if self._system.accounts.card(card_number) is None:
            raise StepImpossible(f"the central system knows no card {card_number}")
        return self._system.accounts.balance(card_number)


def provision(system: CentralSystem, cards: Mapping[str, CardSpec]) -> None:
    """Open the accounts of the cards that a scenario gives."""
    for spec in cards.values():
        system.accounts.create_card(
            spec.number,
            uid=spec.uid.hex().upper(),
            balance_minor=spec.balance_minor,
            plan=spec.plan,
            state=spec.state,
            points=spec.points,
            discount=spec.discount,
        )
