"""Who may open which page of the service menu (KIOSK §9)."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    TECHNICIAN = "technician"
    COLLECTOR = "collector"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a PIN stands for."""

    name: str
    role: Role


MENU = (
    *("t_cash", "t_sessions", "t_devices", "t_avail", "t_meter", "t_test", "t_logs"),
    *("t_ocpp", "t_tariff", "t_net", "t_sw", "t_set", "t_out"),
)
_COLLECTORS = frozenset({"t_cash", "t_out"})
_REFUNDS = frozenset({Role.TECHNICIAN, Role.ADMIN})


def may_open(role: Role, page: str) -> bool:
    return role is not Role.COLLECTOR or page in _COLLECTORS


def may_refund(role: Role) -> bool:
    return role in _REFUNDS
