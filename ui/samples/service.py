"""One truthful example of every technician's page."""

from chargepoint.contract import Button, Params, Snapshot, Station, Tab

_KEYS = tuple(f"key_{n}" for n in (1, 2, 3, 4, 5, 6, 7, 8, 9, "clear", 0, "ok"))
_MENU = (
    *("t_cash", "t_sessions", "t_devices", "t_avail", "t_meter", "t_test", "t_logs"),
    *("t_ocpp", "t_tariff", "t_net", "t_sw", "t_set", "t_out"),
)
_GRID = tuple(f"grid_{number}" for number in range(1, 13))

Row = tuple[str, str, str, str]  # label, value, kind, mark


def _page(
    screen: str,
    buttons: tuple[str | Button, ...] = ("back",),
    rows: Params | None = None,
    **params: str | int | bool,
) -> Snapshot:
    known: Params = {"who": "anna", "role": "technician", "notice": "", "is_good": True}
    return Snapshot(
        sequence=1,
        screen_seq=1,
        screen=screen,
        step=0,
        clock="14:32",
        params={**known, **(rows or {}), **params},
        buttons=tuple(each if isinstance(each, Button) else Button(each) for each in buttons),
        tabs=(Tab(1, "free", "A"),),
        station=Station(phone="900 123 456"),
    )


def _lines(*rows: Row, touched: int = 0) -> Params:
    """`touched` of them, the last ones, open something."""
    first = len(rows) - touched
    return {
        "labels": [row[0] for row in rows],
        "values": [row[1] for row in rows],
        "kinds": [row[2] for row in rows],
        "marks": [row[3] for row in rows],
        "rows": [f"row_{n + 1}" if n >= first else "" for n in range(len(rows))],
        "page": 1,
        "pages": 1,
    }


def _rows(first: int, last: int) -> tuple[str, ...]:
    return tuple(f"row_{number}" for number in range(first, last + 1))


_HEALTH = _lines(
    ("connector|A", "", "text", "ok"),
    ("connector|B", "", "text", "warn"),
    ("device.coin_acceptor", "", "text", "ok"),
    ("device.card_reader", "", "text", "ok"),
    ("device.hopper|100", "", "text", "ok"),
    ("device.hopper|10", "", "text", "bad"),
    ("device.note_validator", "", "text", "ok"),
    ("device.bank_terminal", "", "text", "ok"),
    ("device.printer", "", "text", "ok"),
    ("health.central", "", "text", "ok"),
    ("health.books", "", "text", "ok"),
    ("home.incidents", "3", "text", ""),
    ("home.uptime", "93600", "seconds", ""),
    ("home.version", "0.1.0", "text", ""),
)
_DEVICES = _lines(
    *(
        (f"device.{kind}", state, "key", mark)
        for kind, state, mark in (
            ("evse|A", "device.online", "ok"),
            ("meter|A", "device.offline", "bad"),
            ("coin_acceptor", "device.online", "ok"),
            ("hopper|100", "device.waiting", "warn"),
            ("bank_terminal", "device.online", "ok"),
            ("printer", "device.online", "ok"),
        )
    ),
    touched=6,
)
_WHY = ("no_energy", "stopped_early", "overcharged", "goodwill")

SCREENS: dict[str, Snapshot] = {
    "service_busy": _page("service_busy", ("service",)),
    "t_login": _page(
        "t_login", (*_KEYS, "back"), who="", typed=4, length=6, wrong=1, locked_s=0,
        notice="wrong_pin", is_good=False,
    ),
    "t_home": _page("t_home", _MENU, rows=_HEALTH),
    "t_out": _page("t_out", ("key_ok", "back"), rows=_lines(
        ("out.door", "out.door_shut", "key", "ok"), ("out.cash", "out.cash_frozen", "key", "bad"),
        ("connector|A", "avail.ready", "key", "ok"), ("connector|B", "avail.out", "key", "bad"),
    )),
    "t_cash": _page("t_cash", ("t_collect", "t_refill", "t_owed", "back"), rows=_lines(
        ("till.booked", "18350", "money", ""), ("till.coin|10", "41", "text", ""),
        ("till.coin|200", "12", "text", ""), ("till.note|500", "7", "text", ""),
        ("till.hopper|10", "38", "text", ""), ("till.hopper|100", "17", "text", ""),
        ("till.coin|50", "8", "text", ""),
    )),
    "t_owed": _page("t_owed", rows=_lines(
        ("raw|voucher …915", "340", "money", ""), ("raw|owed owed:0b1f", "120", "money", ""),
    )),
    "t_refill": _page("t_refill", (*_rows(1, 2), "back"), rows=_lines(
        ("hopper|100", "", "text", ""), ("hopper|10", "", "text", ""), touched=2,
    )),
    "t_refill_count": _page("t_refill_count", (*_KEYS, "back"), number="40", subject="100"),
    "t_collect": _page("t_collect", ("t_freeze", "back")),
    "t_collect_report": _page("t_collect_report", ("key_ok", "t_give_up", "back"), rows=_lines(
        ("report.period", "12", "text", ""), ("report.coin|100", "4100", "money", ""),
        ("report.note|500", "3500", "money", ""), ("report.booked", "7600", "money", ""),
    )),
    "t_collect_open": _page("t_collect_open", ("key_ok", "back")),
    "t_collect_count": _page("t_collect_count", (*_KEYS, "back"), number="7550", most_minor=0),
    "t_collect_difference": _page("t_collect_difference", (*_rows(4, 6), "back"), rows=_lines(
        ("collect.booked", "7600", "money", ""), ("collect.counted", "7550", "money", ""),
        ("collect.difference", "-50", "money", "warn"),
        ("collect.why.miscounted", "", "text", ""), ("collect.why.jam", "", "text", ""),
        ("collect.why.unknown", "", "text", ""), touched=3,
    )),
    "t_collect_seal": _page("t_collect_seal", (*_KEYS, "back"), number="004711"),
    "t_collect_done": _page("t_collect_done", rows=_lines(
        ("report.period", "12", "text", ""), ("collect.counted", "7550", "money", ""),
        ("collect.difference", "-50", "money", "warn"), ("report.seal_number", "004711", "text", ""),
        ("report.seal", "9f86d081884c7d65", "text", ""),
    )),
    "t_sessions": _page("t_sessions", (*_rows(1, 6), "t_find", "t_prev", "t_next", "back"), pages=34, rows=_lines(
        *((f"session.at|2026-11-2{n} 14:32", "612", "money", "") for n in range(6)), touched=6,
    )),
    "t_find": _page("t_find", (*_rows(1, 4), "back"), rows=_lines(
        *((f"find.{kind}", "", "text", "") for kind in ("card", "receipt", "amount", "time")), touched=4,
    )),
    "t_find_card": _page("t_find_card", (*_KEYS, "back"), number="8074"),
    "t_find_receipt": _page("t_find_receipt", (*_KEYS, "back"), number="42"),
    "t_find_amount": _page("t_find_amount", (*_KEYS, "back"), number="612", most_minor=0),
    "t_find_time": _page("t_find_time", (*_KEYS, "back"), number="3102", notice="no_such_day", is_good=False),
    "t_session": _page("t_session", ("t_reprint", "t_refund", "t_dispute", "back"), rows=_lines(
        ("session.number", "CP-0001-1-000042", "text", ""), ("session.when", "2026-11-21 14:32", "text", ""),
        ("session.means", "means.bank", "key", ""), ("session.card", "…8074", "text", ""),
        ("session.energy", "12480", "energy", ""), ("session.total", "612", "money", ""),
        ("session.refund_asked", "150", "money", "warn"),
    )),
    "t_refund": _page("t_refund", (*_KEYS, "t_all", "back"), number="150", most_minor=612),
    "t_refund_why": _page("t_refund_why", (*_rows(2, 5), "back"), rows=_lines(
        ("refund.amount", "150", "money", ""),
        *((f"refund.why.{why}", "", "text", "") for why in _WHY), touched=4,
    )),
    "t_devices": _page("t_devices", (*_rows(1, 6), "back"), rows=_DEVICES),
    "t_device": _page("t_device", ("t_self_test", "t_replace", "back"), rows=_lines(
        ("device.coin_acceptor", "device.online", "key", "ok"), ("device.seen", "2026-11-21 14:32", "text", ""),
        ("device.serial", "007213", "text", ""), ("device.firmware", "RM5 2.1", "text", ""),
        ("device.error", "coin_acceptor.event: 14 coin on a string, then a reject lever that did not come back in time", "text", ""),
    )),
    "t_replace": _page("t_replace", ("t_begin", "back")),
    "t_replace_drain": _page("t_replace_drain", (Button("key_ok", enabled=False), "t_without", "t_again", "t_give_up", "back"), rows=_lines(
        ("replace.drain", "replace.undrained", "key", "bad"), ("device.serial", "007213", "text", ""),
        ("replace.booked", "3:418", "text", "ok"),
    )),
    "t_replace_swap": _page("t_replace_swap", ("key_ok", "t_give_up", "back"), rows=_lines(
        ("replace.closed", "007213 3:418", "text", "ok"),
        *((f"replace.swap_{each}", "", "text", "") for each in ("off", "change", "on")),
    )),
    "t_replace_check": _page("t_replace_check", (Button("key_ok", enabled=False), "t_give_up", "back"), rows=_lines(
        ("replace.line", "device.online", "key", "ok"), ("replace.address", "2", "text", ""),
        ("replace.new", "009120", "text", "ok"), ("device.firmware", "RM5 2.1", "text", ""),
        ("replace.table", "5 10 20 50", "amounts", "bad"), ("replace.missing", "100 200", "amounts", "bad"),
        ("replace.lock_pin", "replace.locked", "key", "bad"), ("replace.baseline", "1:0", "text", "ok"),
    )),
    "t_replace_trial": _page("t_replace_trial", ("t_try", "t_give_up", "back"), rows=_lines(
        ("replace.try_coin", "", "text", ""), ("replace.new", "009120", "text", "ok"),
    ), notice="replace_refused|rejected", is_good=False),
    "t_replace_return": _page("t_replace_return", ("t_pay_back", "t_taken", "t_left", "back"), rows=_lines(
        ("replace.coin", "200", "money", "ok"), ("replace.coin_back", "", "text", ""),
    )),
    "t_replace_done": _page("t_replace_done", rows=_lines(
        ("replace.old|007213", "3:418", "text", "ok"), ("device.coin_acceptor", "device.online", "key", "ok"),
        ("replace.new", "009120", "text", "ok"), ("replace.baseline", "1:0", "text", "ok"),
        ("replace.counted", "1", "text", "ok"),
    )),
    "t_avail": _page("t_avail", (*_rows(1, 2), "t_window", "back"), rows=_lines(
        ("connector|A", "avail.session", "key", "ok"), ("connector|B", "avail.out", "key", "bad"), touched=2,
    )),
    "t_avail_why": _page("t_avail_why", (*_rows(1, 4), "back"), rows=_lines(
        *((f"avail.why.{why}", "", "text", "") for why in ("repair", "cleaning", "vandalism", "works")),
        touched=4,
    )),
    "t_fault": _page("t_fault", ("t_reset", "t_avail_why", "back"), rows=_lines(
        ("fault.weld", "F04", "text", "warn"), ("fault.meter_lost", "F20", "text", "bad"),
    )),
    "t_meter": _page("t_meter", rows=_lines(
        *((f"meter.{what}|{place}", value, kind, "") for place in "AB" for what, value, kind in (
            ("register", "1002480", "energy"), ("power", "7210", "power"),
            ("current", "31300", "milliamp"), ("voltage", "230400", "millivolt"),
        )),
    )),
    "t_test": _page("t_test", (*_rows(1, 6), "back"), notice="lock_moved", rows=_lines(
        ("test.coin|100", "", "text", ""), ("test.coin|10", "", "text", ""),
        ("test.lock|A", "", "text", ""), ("test.print", "", "text", ""),
        ("test.lamp", "", "text", ""), ("test.speech", "", "text", ""), touched=6,
    )),
    "t_touch": _page("t_touch", (*(Button(n, enabled=n != "grid_5") for n in _GRID), "back"), touched=1),
    "t_colours": _page("t_colours", ("grid_next", "back"), colour=6),
    "t_contactor": _page("t_contactor", ("t_hold", "back"), rows=_lines(
        ("connector|A", "", "text", ""), ("test.contactor_why", "", "text", ""),
    ), notice="hold_three", is_good=False),
    "t_speech": _page("t_speech", ("t_heard", "t_not_heard", "back"), rows=_lines(
        ("test.speech_how", "", "text", ""),
    )),
    "t_bright": _page("t_bright", ("t_darker", "t_brighter", "key_ok", "back"), rows=_lines(
        ("test.brightness_now", "55 %", "text", ""), ("test.brightness_how", "", "text", ""),
    )),
    "t_note": _page("t_note", rows=_lines(("test.note_stack_how", "", "text", ""))),
    "t_install": _page("t_install", ("key_ok", "back")),
    "t_roll_back": _page("t_roll_back", ("key_ok", "back")),
    "t_reboot": _page("t_reboot", ("key_ok", "back")),
    "t_set_choice": _page("t_set_choice", (*_rows(1, 4), "back"), rows=_lines(
        *((f"raw|{value}", "", "text", "") for value in ("0.50", "1.00", "2.00", "5.00")), touched=4,
    )),
    "t_window": _page("t_window", (*_rows(1, 4), "t_no_window", "back"), rows=_lines(
        *((f"window.{name}", "", "text", "") for name in ("now", "night", "morning", "afternoon")),
        touched=4,
    )),
    "t_logs": _page("t_logs", (*_rows(1, 4), "t_doings", "t_export", "back"), rows=_lines(
        *((f"log.at|2026-11-21 14:3{n}", "coin_acceptor.garbled coin_acceptor", "text", "") for n in range(4)),
        touched=4,
    )),
    "t_doings": _page("t_doings", rows=_lines(
        ("log.at|2026-11-21 14:32", "anna login: done", "text", ""),
        ("log.at|2026-11-21 14:31", "carlos collection sealed 004711: done", "text", ""),
    )),
    "t_log": _page("t_log", rows=_lines(
        ("log.when", "2026-11-21 14:32", "text", ""), ("log.code", "evse.lock_jam", "text", ""),
        ("log.device", "evse:1", "text", ""),
        ("log.detail", "the lock did not reach its place", "text", ""),
        ("log.frame", "12.345 > $S4 1^23", "text", ""),
    )),
    "t_trace": _page("t_trace", (*_rows(2, 5), "t_filter", "back"), rows=_lines(
        ("trace.filter", "trace.work", "key", ""),
        ("trace.at|2026-11-21 14:32", "> StopTransaction", "text", ""),
        ("trace.at|2026-11-21 14:32", "< StopTransaction ok", "text", ""),
        ("trace.at|2026-11-21 14:31", "< RemoteStopTransaction", "text", ""),
        ("trace.at|2026-11-21 14:30", "> DataTransfer InternalError", "text", ""), touched=4,
    )),
    "t_reach": _page("t_reach", ("t_try", "back"), rows=_lines(
        ("reach.at", "2026-11-21 14:32", "text", ""), ("reach.name", "192.0.2.17", "text", "ok"),
        ("reach.tcp", "central.example.org:443", "text", "ok"),
        ("reach.tls", "certificate has expired", "text", "warn"), ("reach.fix.tls", "", "text", "bad"),
    ), notice="reach_failed", is_good=False),
    "t_ocpp": _page("t_ocpp", ("t_resend", "t_trace", "t_reach", "back"), rows=_lines(
        ("link.url", "wss://central.example.org/ocpp", "text", ""), ("link.id", "CP-0001", "text", ""),
        ("link.password", "link.set", "key", ""), ("link.link", "link.online", "key", "ok"),
        ("link.queued", "4", "text", ""), ("link.dead", "1", "text", "bad"),
        ("link.profile", "2", "text", ""), ("link.second", "link.yes", "key", "warn"),
        ("link.trouble", "certificate has expired", "text", "bad"),
        ("link.server_until", "2026-11-30 12:00", "text", "warn"),
        ("link.own_until", "2027-11-21 12:00", "text", "ok"),
        ("trace.at|2026-11-21 14:32", "> MeterValues", "text", ""),
    )),
    "t_tariff": _page("t_tariff", rows=_lines(
        ("tariff.energy", "45000", "rate", ""), ("tariff.charging", "0", "rate", ""),
        ("tariff.idle", "10000", "rate", ""), ("tariff.grace", "60 min", "text", ""),
        ("tariff.session", "50", "money", ""), ("tariff.vat", "21 %", "text", ""),
        ("tariff.rules", "0", "text", ""), ("tariff.valid", "tariff.ok", "key", "ok"),
    )),
    "t_net": _page("t_net", rows=_lines(
        ("link.link", "link.offline", "key", "bad"), ("net.clock", "2026-11-21 14:32", "text", ""),
        ("net.host", "kiosk-07", "text", ""), ("net.disk", "11 GiB", "text", ""),
    )),
    "t_sw": _page("t_sw", ("t_reboot", "t_take_back", "back"), rows=_lines(
        ("sw.firmware", "0.1.0", "text", ""), ("sw.package", "0.1.0", "text", ""),
        ("sw.model", "Citere Plaza AC22", "text", ""), ("sw.schema", "8", "text", ""),
        ("home.uptime", "93600", "seconds", ""), ("sw.waiting", "u-17", "text", ""),
        ("sw.result", "sw.good", "key", "ok"),
    )),
    "t_commission": _page("t_commission", ("t_search", "t_sign", "back"), rows=_lines(
        ("commission.report|anna", "2026-11-22 10:12", "text", "ok"),
        ("commission.site", "2/2", "text", "ok"), ("commission.devices", "11/12", "text", "bad"),
        ("commission.panel", "2/2", "text", "ok"),
        ("commission.certificate", "1/2", "text", "warn"), ("commission.keys", "3/3", "text", "ok"),
        ("raw|meter:2: no answer from unit 2", "", "text", "bad"),
        ("raw|station: there is none; enough for security profiles 0 to 2", "", "text", "warn"),
    )),
    "t_set": _page("t_set", (*_rows(4, 6), "t_commission", "back"), rows=_lines(
        ("set.name", "07", "text", ""), ("set.screen", "1024x600", "text", ""),
        ("set.hold", "4000", "money", ""), ("set.minimum", "100", "money", ""),
        ("set.theme", "auto", "text", ""), ("set.quiet_from", "22:00", "text", ""), touched=3,
    )),
}  # fmt: skip

VARIANTS: dict[str, Snapshot] = {
    "t_sw_nothing_waits": _page(
        "t_sw",
        ("t_install", "t_roll_back", "t_reboot", "back"),
        rows=_lines(
            ("sw.firmware", "0.1.0", "text", ""),
            ("sw.waiting", "sw.none", "key", ""),
        ),
    ),
    "t_login_locked": _page(
        "t_login",
        (*(Button(key, enabled=False) for key in _KEYS), "back"),
        who="",
        typed=0,
        locked_s=871,
    ),
    "t_home_collector": _page("t_home", ("t_cash", "t_out"), waiting=True),
    "t_sessions_none": _page("t_sessions", ("t_find", "back"), waiting=False),
}
