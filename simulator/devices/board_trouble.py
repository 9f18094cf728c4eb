"""Physical faults at and behind a charging board: what each changes in the world, and its repair."""

from collections.abc import Callable
from enum import StrEnum
from functools import partial

from chargepoint.domain.units import ConnectorId
from simulator.bay import MAINS_MV
from simulator.iec61851.contactor import Contactor, Wear
from simulator.iec61851.residual import NO_LEAKAGE, TRIP_AC_MA, TRIP_DC_MA, Leakage
from simulator.world import World

HIGH_MV, LOW_MV = 262_000, 185_000
WARM_MILLI, HOT_MILLI = 41_000, 46_900  # on top of the air around: 66 and 72 °C


class BoardTrouble(StrEnum):
    """Physical faults at and behind the board."""

    WELD = "weld"
    WELD_POLE = "weld_pole"  # one pole of several
    POLE_OPEN = "pole_open"  # one that never touches
    LOCK_JAM = "lock_jam"
    LEAKAGE_AC = "leakage_ac"
    LEAKAGE_DC = "leakage_dc"
    GROUND_LOST = "ground_lost"
    WARM = "warm"  # it gives less
    OVERHEAT = "overheat"
    DIODE = "diode"
    RCD_SELFTEST = "rcd_selftest"
    CLOSE_FAILED = "close_failed"
    LOCK_OPEN = "lock_open"  # somebody works the emergency release
    OVER_VOLTAGE = "over_voltage"
    UNDER_VOLTAGE = "under_voltage"


# Nobody changes a contactor or a board under power.
MENDED_UNDER_NO_POWER = frozenset(
    {
        BoardTrouble.WELD,
        BoardTrouble.WELD_POLE,
        BoardTrouble.POLE_OPEN,
        BoardTrouble.RCD_SELFTEST,
    }
)

_Change = Callable[[World, ConnectorId], None]


def _worn(wear: Wear, *places: int) -> _Change:
    return lambda world, c: world.change_contactor(c, lambda poles: poles.worn(wear, *places))


def _coil(*, broken: bool) -> _Change:
    def changed(contactor: Contactor) -> Contactor:
        return Contactor(contactor.poles, is_coil_broken=broken)

    return lambda world, c: world.change_contactor(c, changed)


def _leaks(leakage: Leakage) -> _Change:
    return lambda world, c: world.set_leakage(c, leakage)


def _heats(milli: int) -> _Change:
    return lambda world, c: world.set_heat(c, milli)


def _mains(mains_mv: int) -> _Change:
    return lambda world, c: world.set_voltage(c, mains_mv)


def _lock_jam(world: World, connector: ConnectorId, *, jammed: bool) -> None:
    world.set_lock_jammed(connector, jammed=jammed)


# What it does to the world, and what undoes it. The others are found in the board alone.
_CHANGES: dict[BoardTrouble, tuple[_Change, _Change]] = {
    BoardTrouble.WELD: (_worn(Wear.WELDED), _worn(Wear.SOUND)),
    BoardTrouble.WELD_POLE: (_worn(Wear.WELDED, 0), _worn(Wear.SOUND)),
    BoardTrouble.POLE_OPEN: (_worn(Wear.MISSING, 0), _worn(Wear.SOUND)),
    BoardTrouble.CLOSE_FAILED: (_coil(broken=True), _coil(broken=False)),
    BoardTrouble.LEAKAGE_AC: (_leaks(Leakage(ac_ma=TRIP_AC_MA)), _leaks(NO_LEAKAGE)),
    BoardTrouble.LEAKAGE_DC: (_leaks(Leakage(dc_ma=TRIP_DC_MA)), _leaks(NO_LEAKAGE)),
    BoardTrouble.WARM: (_heats(WARM_MILLI), _heats(0)),
    BoardTrouble.OVERHEAT: (_heats(HOT_MILLI), _heats(0)),
    BoardTrouble.OVER_VOLTAGE: (_mains(HIGH_MV), _mains(MAINS_MV)),
    BoardTrouble.UNDER_VOLTAGE: (_mains(LOW_MV), _mains(MAINS_MV)),
    BoardTrouble.LOCK_JAM: (partial(_lock_jam, jammed=True), partial(_lock_jam, jammed=False)),
    # A hand that has worked the release undoes nothing.
    BoardTrouble.LOCK_OPEN: (
        lambda world, c: world.set_lock(c, locked=False, by_hand=True),
        lambda *_: None,
    ),
}


def damage(world: World, connector: ConnectorId, trouble: BoardTrouble) -> None:
    if trouble in _CHANGES:
        _CHANGES[trouble][0](world, connector)


def repair(world: World, connector: ConnectorId, trouble: BoardTrouble) -> None:
    if trouble in _CHANGES:
        _CHANGES[trouble][1](world, connector)
