"""Physical faults at and behind a charging board: what each changes in the world, and its repair."""

from enum import StrEnum

from chargepoint.domain.units import ConnectorId
from simulator.world import World

HIGH_MV, LOW_MV = 262_000, 185_000


class BoardTrouble(StrEnum):
    """Physical faults at and behind the board."""

    WELD = "weld"
    LOCK_JAM = "lock_jam"
    LEAKAGE_AC = "leakage_ac"
    LEAKAGE_DC = "leakage_dc"
    GROUND_LOST = "ground_lost"
    OVERHEAT = "overheat"
    DIODE = "diode"
    RCD_SELFTEST = "rcd_selftest"
    CLOSE_FAILED = "close_failed"
    LOCK_OPEN = "lock_open"  # somebody works the emergency release
    OVER_VOLTAGE = "over_voltage"
    UNDER_VOLTAGE = "under_voltage"


LEAKAGE = frozenset({BoardTrouble.LEAKAGE_AC, BoardTrouble.LEAKAGE_DC})
# Nobody changes a contactor or a board under power.
MENDED_UNDER_NO_POWER = frozenset({BoardTrouble.WELD, BoardTrouble.RCD_SELFTEST})


def damage(world: World, connector: ConnectorId, trouble: BoardTrouble) -> bool:
    """False: nothing in the world changes, the board itself finds it."""
    match trouble:
        case BoardTrouble.WELD:
            world.set_welded(connector, welded=True)
        case BoardTrouble.LOCK_JAM:
            world.set_lock_jammed(connector, jammed=True)
        case BoardTrouble.LOCK_OPEN:
            world.set_lock(connector, locked=False, by_hand=True)
        case BoardTrouble.CLOSE_FAILED:
            world.set_coil_broken(connector, broken=True)
        case BoardTrouble.OVER_VOLTAGE:
            world.set_voltage(connector, HIGH_MV)
        case BoardTrouble.UNDER_VOLTAGE:
            world.set_voltage(connector, LOW_MV)
        case _:
            return False
    return True


def repair(world: World, connector: ConnectorId, trouble: BoardTrouble) -> None:
    match trouble:
        case BoardTrouble.WELD:
            world.set_welded(connector, welded=False)
        case BoardTrouble.LOCK_JAM:
            world.set_lock_jammed(connector, jammed=False)
        case BoardTrouble.CLOSE_FAILED:
            world.set_coil_broken(connector, broken=False)
        case BoardTrouble.OVER_VOLTAGE | BoardTrouble.UNDER_VOLTAGE:
            world.set_voltage(connector)
        case _:
            return
