"""A day of two connectors as a scenario: 24 hours, two customers at a time, every way it can end.

    slot   |--1--------2--------1--------2------|   start 1, start 2, stop 1, stop 2
    paid by   card      coins    card     coins     swapped in every second slot

Every third coin charge draws three phases and ends by itself, its coins used up. The text is an
ordinary scenario file: `python -m benchmarks.virtual_day --write day.yaml` shows it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

DAY_S = 86_400
CARDS = 10
ACTS_S = 8.0  # what the customers of one slot do, besides waiting
USED_UP_EVERY = 3
_NONE: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Charge:
    """One customer. `ends_itself`: the coins are used up before anybody presses stop."""

    connector: int
    card: str = ""
    ends_itself: bool = False


def day_yaml(
    charges: int = 100, hours: float = 24.0, seed: int = 7, *, hoppers: Mapping[str, int] = _NONE
) -> str:
    """The scenario of `charges` customers within `hours`.

    With hoppers everybody stops by code and takes the change: nobody has to wait for a voucher.
    """
    fitted = ", ".join(f'"{value}": {coins}' for value, coins in hoppers.items())
    lines = [
        f"title: {charges} charges at two connectors in {hours:g} hours",
        f"seed: {seed}",
        "given:",
        "  config: {tariff.energy: 0.45, tariff.session: 0.20}",
        *([f"  hopper: {{{fitted}}}"] if fitted else []),
        "  cards:",
        *(f"    GC-{number}: {{balance: 200.00}}" for number in range(1, CARDS + 1)),
        "steps:",
        "  - expect: {screen: home, device: {coin_acceptor: online}, within: 30s}",
    ]
    slots = charges // 2
    wait_s = (hours * 3600 / slots - ACTS_S) / 4
    for slot in range(slots):
        used_up = not hoppers and slot % USED_UP_EVERY == 0
        lines += [f"  - {step}" for step in _slot(_customers(slot, ends_itself=used_up), wait_s)]
    lines += [f"  - {step}" for step in _closing(slots * 2)]
    return "\n".join(lines) + "\n"


def _slot(customers: tuple[Charge, Charge], wait_s: float) -> Iterator[str]:
    wait = f"wait: {round(wait_s * 1000)}ms"
    for customer in customers:
        yield from _start(customer)
        yield wait
    for customer in customers:
        yield from _stop(customer)
        yield wait


def _customers(slot: int, *, ends_itself: bool) -> tuple[Charge, Charge]:
    card = f"GC-{slot % CARDS + 1}"
    if slot % 2:
        return Charge(1, ends_itself=ends_itself), Charge(2, card=card)
    return Charge(1, card=card), Charge(2, ends_itself=ends_itself)


def _start(customer: Charge) -> Iterator[str]:
    connector = customer.connector
    ev = "{soc: 15, max_a: 32, phases: 3}" if customer.ends_itself else "{soc: 30, max_a: 16}"
    yield f"plug: {{connector: {connector}, ev: {ev}}}"
    yield "expect: {screen: pay, within: 10s}"
    if customer.card:
        yield f"tap: {customer.card}"
        yield "expect: {screen: gc_ok, within: 12s}"
        yield "touch: start"
    else:
        yield "touch: pay_cash"
        yield f"coin: {'1.00' if customer.ends_itself else '2.00'}"
        yield "touch: start"
        yield "expect: {screen: code, within: 10s}"
        yield "touch: key_ok"
    yield f"expect: {{contactor: {{{connector}: closed}}, within: 20s}}"


def _stop(customer: Charge) -> Iterator[str]:
    connector = customer.connector
    if customer.card:
        yield f"tap: {{card: {customer.card}, connector: {connector}}}"
    elif not customer.ends_itself:
        yield f"touch: {{id: stop, connector: {connector}}}"
        yield "enter_code: own"
    opened = f"contactor: {{{connector}: open}}, lock: {{{connector}: unlocked}}"
    yield f"expect: {{{opened}, within: 10s}}"
    yield f"unplug: {{connector: {connector}}}"
    yield f"expect: {{connector: {{{connector}: Available}}, within: 60s}}"


def _closing(charges: int) -> Iterator[str]:
    yield f"expect: {{ocpp: {{sent: StartTransaction}}, times: {charges}, within: 30s}}"
    yield f"expect: {{ocpp: {{sent: StopTransaction}}, times: {charges}, within: 30s}}"
    receipt = "{sent: DataTransfer, where: {messageId: Session.Receipt}}"
    yield f"expect: {{ocpp: {receipt}, times: {charges}, within: 30s}}"
    yield "expect: {ledger: balanced}"
