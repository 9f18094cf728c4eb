"""The technician's screens: denser than a driver's, with the same targets, words and colours."""

from collections.abc import Callable
from dataclasses import dataclass

from ui.frame import Frame
from ui.screens.service import entry, home, sheet
from ui.screens.service.bars import compose_bars


@dataclass(frozen=True, slots=True)
class ServiceScreen:
    """`takes`: prefixes of the buttons that the body places; all others stand in the foot."""

    compose: Callable[[Frame], None]
    picture: str = "wrench"
    takes: tuple[str, ...] = ("row_",)


_ENTRY = ("key_",)

SERVICE: dict[str, ServiceScreen] = {
    "service_busy": ServiceScreen(sheet.compose_busy),
    "t_login": ServiceScreen(entry.compose_login, "keypad", _ENTRY),
    "t_home": ServiceScreen(home.compose_home, "wrench", ("t_",)),
    "t_out": ServiceScreen(sheet.compose_sheet, "ok"),
    "t_cash": ServiceScreen(sheet.compose_sheet, "cash"),
    "t_owed": ServiceScreen(sheet.compose_sheet, "voucher"),
    "t_refill": ServiceScreen(sheet.compose_sheet, "coin"),
    "t_refill_count": ServiceScreen(entry.compose_count, "coin", _ENTRY),
    "t_collect": ServiceScreen(sheet.compose_words, "cashout"),
    "t_collect_report": ServiceScreen(sheet.compose_sheet, "cash"),
    "t_collect_open": ServiceScreen(sheet.compose_words, "cashout"),
    "t_collect_count": ServiceScreen(entry.compose_amount, "euro", _ENTRY),
    "t_collect_difference": ServiceScreen(sheet.compose_sheet, "euro"),
    "t_collect_seal": ServiceScreen(entry.compose_digits, "lock", _ENTRY),
    "t_collect_done": ServiceScreen(sheet.compose_sheet, "ok"),
    "t_sessions": ServiceScreen(sheet.compose_sheet, "receipt"),
    "t_find": ServiceScreen(sheet.compose_sheet, "receipt"),
    "t_find_card": ServiceScreen(entry.compose_digits, "card", _ENTRY),
    "t_find_receipt": ServiceScreen(entry.compose_digits, "receipt", _ENTRY),
    "t_find_amount": ServiceScreen(entry.compose_amount, "euro", _ENTRY),
    "t_find_time": ServiceScreen(entry.compose_digits, "clock", _ENTRY),
    "t_session": ServiceScreen(sheet.compose_sheet, "receipt"),
    "t_refund": ServiceScreen(entry.compose_amount, "cashout", _ENTRY),
    "t_refund_why": ServiceScreen(sheet.compose_sheet, "cashout"),
    "t_devices": ServiceScreen(sheet.compose_sheet, "plug"),
    "t_device": ServiceScreen(sheet.compose_sheet, "plug"),
    "t_replace": ServiceScreen(sheet.compose_words, "plug"),
    "t_replace_drain": ServiceScreen(sheet.compose_sheet, "plug"),
    "t_replace_swap": ServiceScreen(sheet.compose_sheet, "plug"),
    "t_replace_check": ServiceScreen(sheet.compose_sheet, "plug"),
    "t_replace_trial": ServiceScreen(sheet.compose_sheet, "plug"),
    "t_replace_return": ServiceScreen(sheet.compose_sheet, "coin"),
    "t_replace_done": ServiceScreen(sheet.compose_sheet, "ok"),
    "t_avail": ServiceScreen(sheet.compose_sheet, "plug"),
    "t_avail_why": ServiceScreen(sheet.compose_sheet, "wrench_disc"),
    "t_fault": ServiceScreen(sheet.compose_sheet, "warn"),
    "t_meter": ServiceScreen(sheet.compose_sheet, "energy"),
    "t_test": ServiceScreen(sheet.compose_sheet, "hand"),
    "t_touch": ServiceScreen(sheet.compose_grid, "hand", ("grid_",)),
    "t_colours": ServiceScreen(sheet.compose_colours, "hand", ("grid_",)),
    "t_contactor": ServiceScreen(sheet.compose_sheet, "power"),
    "t_speech": ServiceScreen(sheet.compose_sheet, "speaker"),
    "t_bright": ServiceScreen(sheet.compose_sheet, "hand"),
    "t_note": ServiceScreen(sheet.compose_sheet, "cash"),
    "t_install": ServiceScreen(sheet.compose_words, "update"),
    "t_roll_back": ServiceScreen(sheet.compose_words, "update"),
    "t_reboot": ServiceScreen(sheet.compose_words, "update"),
    "t_set_choice": ServiceScreen(sheet.compose_sheet, "wrench"),
    "t_window": ServiceScreen(sheet.compose_sheet, "clock"),
    "t_logs": ServiceScreen(sheet.compose_sheet, "warn"),
    "t_doings": ServiceScreen(sheet.compose_sheet, "keypad"),
    "t_log": ServiceScreen(sheet.compose_sheet, "warn"),
    "t_ocpp": ServiceScreen(sheet.compose_sheet, "network"),
    "t_trace": ServiceScreen(sheet.compose_sheet, "network"),
    "t_reach": ServiceScreen(sheet.compose_sheet, "globe"),
    "t_tariff": ServiceScreen(sheet.compose_sheet, "euro"),
    "t_net": ServiceScreen(sheet.compose_sheet, "globe"),
    "t_sw": ServiceScreen(sheet.compose_sheet, "grid"),
    "t_set": ServiceScreen(sheet.compose_sheet, "languages"),
    "t_commission": ServiceScreen(sheet.compose_sheet, "wrench_disc"),
}


def compose_service(frame: Frame) -> None:
    screen = SERVICE[frame.snapshot.screen]
    frame.body = compose_bars(frame, screen.takes, keypad=screen.takes is _ENTRY)
    screen.compose(frame)
