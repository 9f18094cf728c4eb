"""What the samples are made of: one snapshot with its usual parameters, to be changed."""

from dataclasses import replace

from chargepoint.contract import Access, Button, Params, Scalar, Snapshot, Station, Tab

Value = Scalar | list[int] | list[str]

UTILITIES = ("language", "voice", "easy", "help")
PRICES: Params = {
    "price_energy": 45_000,
    "price_charging": 0,
    "price_idle": 10_000,
    "idle_grace_min": 60,
    "price_session_minor": 50,
    "gc_hint": "gc_discount",
}
LANGUAGES = ("es", "ca", "eu", "gl", "en", "fr", "de", "pt", "it", "nl")
STATION = Station(phone="900 123 456", languages=LANGUAGES)
LOW = Access(low=True)
COINS = [10, 20, 50, 100, 200]
KEYS = tuple(f"key_{n}" for n in (1, 2, 3, 4, 5, 6, 7, 8, 9, "clear", 0, "ok"))


def a_shot(
    screen: str,
    step: int,
    buttons: tuple[str | Button, ...] = (),
    **params: Value,
) -> Snapshot:
    names = (*buttons, *(() if screen in BARE else UTILITIES))
    return Snapshot(
        sequence=1,
        screen_seq=1,
        screen=screen,
        step=step,
        clock="14:32",
        params={**PRICES, **params},
        buttons=tuple(name if isinstance(name, Button) else Button(name) for name in names),
        tabs=(Tab(1, STATES.get(screen, "busy"), "A"),),
        station=STATION,
    )


# The longest line that the core lets through.
WORDS = (
    "Precio de su operador: 0,42 €/kWh y 1,20 €/h de estacionamiento desde los 30 minutos; "
    "factura en www.operador.example"
)

BARE = frozenset({"boot", "recover", "emergency", "lang", "access", "help", "more_time"})
STATES = {
    "home": "free",
    "charging": "charging",
    "paused_car": "paused",
    "paused_grid": "paused",
    "stop_auth": "charging",
    "finished": "finished",
    "unplug": "finished",
    "oos": "out",
    "updating": "out",
    "session_fault": "out",
    "emergency": "out",
}


def given(shot: Snapshot, params: Params) -> Snapshot:
    return replace(shot, params={**shot.params, **params})


_OF_SESSION = {
    **dict.fromkeys(("charging", "paused_car", "paused_grid"), ("stop",)),
    **dict.fromkeys(("finished", "unplug"), ("cable_stuck",)),
}


def a_session(screen: str, step: int = 3, **params: Value) -> Snapshot:
    values: Params = {
        "energy_wh": 12_480,
        "cost_minor": 612,
        "max_minor": 4_000,
        "elapsed_s": 2_100,
        "power_w": 21_600,
        "locked": True,
        "means": "cash",
        "low_s": 0,
        "text": "",
        "reason": "customer",
        "idle_starts_s": -1,
    }
    buttons = _OF_SESSION.get(screen, ())
    return given(a_shot(screen, step, buttons), {**values, **params})


def an_account(**params: Value) -> Snapshot:
    values: Params = {
        "balance_minor": 2_350,
        "spend_minor": 2_350,
        "plan": "prepaid",
        "wh_left": -1,
        "price_card": 41_000,
        "discount_percent": 10,
        "charges_until_next": 3,
        "points": 500,
        "plugged": True,
        "offline": False,
        "message": "",
        "credit_minor": 0,
    }
    return given(a_shot("gc_ok", 2, ("start", "topup", "cancel")), {**values, **params})


def a_cash(**params: Value) -> Snapshot:
    values: Params = {
        "credit_minor": 1_500,
        "approx_wh": 32_000,
        "minimum_minor": 100,
        "plugged": True,
        "change_ok": True,
        "denominations": [*COINS, 500, 1000, 2000],
        "last_minor": 200,
        "reason": "",
    }
    return given(
        a_shot("cash_in", 2, ("start", "voucher", "return_money", "back")), {**values, **params}
    )


OFF = "not_fitted"
COST_MINOR = 612
ENERGY_WH = 12_480


def two(shot: Snapshot, other: str = "charging", **params: Value) -> Snapshot:
    """The same screen at a station with two connectors."""
    own = shot.tabs[0].state
    return replace(
        shot,
        params={**shot.params, **params},
        tabs=(Tab(1, own, "A"), Tab(2, other, "B")),
        buttons=(*shot.buttons, Button("connector_1"), Button("connector_2")),
    )


def four(shot: Snapshot, connectors: int = 4) -> Snapshot:
    """At a station with as many connectors as there may be, in states whose words are long."""
    states = (shot.tabs[0].state, "out", "charging", "reserved")[:connectors]
    numbers = range(1, connectors + 1)
    return replace(
        shot,
        tabs=tuple(Tab(n, state, "ABCD"[n - 1]) for n, state in zip(numbers, states, strict=True)),
        buttons=(*shot.buttons, *(Button(f"connector_{n}") for n in numbers)),
    )


def with_buttons(shot: Snapshot, **buttons: Button) -> Snapshot:
    return replace(shot, buttons=tuple(buttons.get(item.id, item) for item in shot.buttons))
