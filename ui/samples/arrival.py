"""Samples: who comes to the point, and what is told before or beside any charge."""

from dataclasses import replace

from chargepoint.contract import Button, Params, Snapshot
from ui.samples.parts import KEYS, LANGUAGES, LOW, STATION, WORDS, a_shot, four, given, two

ACCESS = ("easy_toggle", "contrast_toggle", "slow_toggle", "low_toggle", "voice", "volume", "back")
CHOICES: Params = {
    "easy": False,
    "contrast": False,
    "slow": False,
    "low": False,
    "voice": True,
    "volume": 2,
}
NO_VOICE = tuple(Button(name, enabled=False, reason="no_voice") for name in ("voice", "volume"))

SCREENS: dict[str, Snapshot] = {
    "boot": a_shot("boot", 0),
    "home": a_shot(
        "home", 1, ("greencard", "reservation", "voucher"), plugged=False, coins_ok=True, free=True
    ),
    "check": a_shot("check", 1, ("cancel",)),
    "plug_err": a_shot("plug_err", 1, ("cancel",), tries=2),
    "recover": a_shot("recover", 0),
    "home_reserved": a_shot("home_reserved", 1, ("reservation",), until="15:30", other="B"),
    "res_id": a_shot("res_id", 1, (*KEYS, "back"), typed=2, length=6, wrong=0, locked_s=0),
    "res_ok": a_shot("res_ok", 1, ("key_ok",), plugged=False, connector="A"),
    "res_no": a_shot("res_no", 1, ("retry", "back"), free=True),
    "res_none": a_shot("res_none", 1, ("back",)),
    "oos": a_shot("oos", 0, reason="fault_point", reference="07-E12"),
    "updating": a_shot("updating", 0),
    "emergency": a_shot("emergency", 0, reference="07-E01"),
    "lang": a_shot(
        "lang",
        0,
        (
            *(f"lang_{code}" for code in LANGUAGES),
            "back",
        ),
    ),
    "access": given(a_shot("access", 0, ACCESS), CHOICES),
    "help": a_shot(
        "help",
        0,
        ("back",),
        point="07",
        phone="900 123 456",
        reference="07-1A2B",
    ),
    "more_time": a_shot("more_time", 2, ("more_time", "cancel"), countdown_s=18, under="pay"),
}

VARIANTS: dict[str, Snapshot] = {
    "lang_two": replace(
        a_shot("lang", 0, ("lang_es", "lang_en", "back")),
        station=replace(STATION, languages=("es", "en")),
    ),
    "home_two": two(SCREENS["home"]),
    "home_three": four(SCREENS["home"], 3),
    "home_four": four(SCREENS["home"]),
    "home_four_low": replace(four(SCREENS["home"]), access=LOW),
    "home_free_until": given(
        two(SCREENS["home"]), {"free_until": "15:45", "free_wh": 15_000, "coins_ok": True}
    ),
    "home_reserved_alone": given(SCREENS["home_reserved"], {"until": "", "other": ""}),
    "res_id_locked": given(SCREENS["res_id"], {"typed": 0, "locked_s": 55}),
    "res_ok_plugged": given(SCREENS["res_ok"], {"plugged": True, "connector": ""}),
    "res_no_taken": given(SCREENS["res_no"], {"free": False}),
    "home_taken": two(SCREENS["home"], "free", free=False),
    "home_plugged": two(SCREENS["home"], "free", plugged=True),
    "home_offline": replace(two(SCREENS["home"], coins_ok=False), online=False),
    "home_words": given(SCREENS["home"], {"text": WORDS}),
    "oos_two": two(SCREENS["oos"], "out", reason="fault_lock"),
    "oos_one": two(SCREENS["oos"], "free", reason="fault_point"),
    "access_on": given(SCREENS["access"], {"easy": True, "contrast": True, "volume": 4}),
    "home_low": replace(two(SCREENS["home"]), access=LOW),
    "lang_low": replace(SCREENS["lang"], access=LOW),
    "access_low": replace(given(SCREENS["access"], {"low": True}), access=LOW),
    "access_mute": given(a_shot("access", 0, (*ACCESS[:4], *NO_VOICE, "back")), {"slow": True}),
}
