"""A station in one object: enough of a coin charge for the page and the HTTP interface to be tested.

It speaks the events of docs/bench.md with the pace of its caller: nothing moves by itself except
`tick`, which lets one second of charging pass.
"""

import asyncio
import copy
import struct
import zlib
from collections.abc import AsyncIterator
from typing import Any

from simulator.bench.port import Event, Step, StepRefused, Verdict

START = {"id": "start", "label": "Start charging", "enabled": True, "px": [600, 380, 400, 96]}
STOP = {"id": "stop", "label": "Stop charging", "enabled": True, "px": [18, 490, 510, 96]}
GREEN = {"id": "greencard", "label": "Green Card", "enabled": True, "px": [18, 490, 230, 96]}
PRICE_PER_KWH = 45


def plain_png(width: int = 64, height: int = 40, grey: int = 200) -> bytes:
    """A one-colour picture, so that the browser has something real to decode."""
    row = b"\0" + bytes([grey]) * width
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = zlib.compress(row * height)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        _chunk(name, chunk) for name, chunk in ((b"IHDR", header), (b"IDAT", body), (b"IEND", b""))
    )


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _connector(label: str) -> dict[str, Any]:
    return {
        "label": label, "plugged": False, "status": "Available", "machine": "idle/free",
        "pilot": "A", "contactor": "open", "lock": "unlocked", "current_a": 0.0, "power_w": 0,
        "energy_wh": 0, "ev": None,
    }  # fmt: skip


class FakeBench:
    def __init__(self, pictures: dict[str, bytes] | None = None) -> None:
        self.done: list[Step] = []
        self.is_ready = True
        self._pictures = pictures or {}
        self._listeners: list[asyncio.Queue[Event]] = []
        self._t = 0.0
        self._state: dict[str, Any] = {
            "speed": 1, "power": True, "ready": True,
            "processes": {"core": "running", "ui": "running"},
            "station": {"id": "CP-07", "name": "07", "currency": "EUR"},
            "connectors": {"1": _connector("A"), "2": _connector("B")},
            "devices": {
                "evse:1": "online", "evse:2": "online", "meter:1": "online", "meter:2": "online",
                "lease_timer": "online", "coin_acceptor": "online", "card_reader": "online",
            },
            "faults": {},
            "hearing": {"jack": False, "said": []},
            "cards": {
                "GC-1": {"number": "9400000000000017", "state": "active", "balance": 2000},
                "GC-2": {"number": "9400000000000025", "state": "blocked", "balance": 500},
            },
            "central": {"mode": "up", "link": "online", "url": "http://127.0.0.1:9000/"},
            "ledger": {"balanced": True, "accounts": {"cash_box": 0, "sales": 0}},
        }  # fmt: skip
        self._screen = {"id": "home", "version": 1, "buttons": [GREEN]}

    # --- the port -----------------------------------------------------------------------------

    def ready(self) -> bool:
        return self.is_ready

    async def screen_png(self) -> bytes | None:
        if not self.is_ready:
            return None
        return self._pictures.get(str(self._screen["id"])) or plain_png()

    def state(self) -> dict[str, Any]:
        screen = {
            "title": "", "texts": [], "language": "en", "width": 1024, "height": 600, **self._screen
        }  # fmt: skip
        return {"t": self._t, **copy.deepcopy(self._state), "screen": screen}

    async def subscribe(self) -> AsyncIterator[Event]:
        queue: asyncio.Queue[Event] = asyncio.Queue()
        self._listeners.append(queue)
        while True:
            yield await queue.get()

    async def do(self, step: Step) -> Verdict | None:
        (act, argument), *_ = step.items()
        handler = getattr(self, f"_do_{act}", None)
        if handler is None:
            raise StepRefused(f"there is no step {act!r}")
        self._t = round(self._t + 0.5, 3)
        verdict: Verdict | None = handler(argument)
        self.done.append(step)
        self.say("state", state=self.state())
        return verdict

    # --- what a person does -------------------------------------------------------------------

    def _do_expect(self, expected: dict[str, Any]) -> Verdict:
        return Verdict(
            held=expected.get("screen") == self._screen["id"],
            expected=str(expected),
            was=f"screen {self._screen['id']}",
        )

    def _do_plug(self, argument: dict[str, Any]) -> None:
        point = self._point(argument)
        if point["plugged"]:
            raise StepRefused(f"a car is at connector {argument['connector']} already")
        point |= {"plugged": True, "pilot": "B", "status": "Preparing", "machine": "idle/plugged"}
        point["ev"] = dict(argument.get("ev") or {"soc": 20})
        number = argument["connector"]
        self.say("physical", what="plug", connector=number, value="in")
        self._wire(f"evse:{number}", "rx", "24 41 54 20 30 32 5E 33 36 0D", "$AT 02: vehicle B")
        self._move(f"point:{number}", "idle/free", "idle/plugged", "PilotChanged")
        self._posted(f"plug:{number}:1", {})
        self._show("cash_in" if self._credit() else "pay", START if self._credit() else GREEN)

    def _do_unplug(self, argument: dict[str, Any]) -> None:
        point = self._point(argument)
        if not point["plugged"]:
            raise StepRefused(f"no car at connector {argument['connector']}")
        self._state["connectors"][str(argument["connector"])] = _connector(point["label"])
        self.say("physical", what="plug", connector=argument["connector"], value="out")
        self._show("home", GREEN)

    def _do_coin(self, value: str | float) -> None:
        minor = round(float(value) * 100)
        box = self._state["ledger"]["accounts"]
        box["cash_box"] += minor
        box["credit:1"] = box.get("credit:1", 0) + minor
        self.say("physical", what="coin", connector=None, value=f"{minor}")
        self._wire("coin_acceptor", "tx", "02 00 01 E5 18", "to 2: read buffered credit")
        self._wire(
            "coin_acceptor", "rx", "01 0B 02 00 05 05 01 …", f"coin {minor / 100:.2f} € accepted"
        )
        self._move("dialogue", "pay", "cash_in", "CoinSeen")
        self._posted(f"coin:1234:1:{self._t}", {"cash_box": minor, "credit:1": minor})
        self._show("cash_in", START)

    def _do_touch(self, what: str | dict[str, int]) -> None:
        chosen = what if isinstance(what, str) else self._button_at(what)
        if chosen == "start":
            self._start()
        elif chosen == "stop":
            self._stop()
        elif isinstance(what, str) and chosen not in {b["id"] for b in self._screen["buttons"]}:
            shown = ", ".join(b["id"] for b in self._screen["buttons"])
            raise StepRefused(f"no button {chosen!r} on screen {self._screen['id']}: {shown}")

    def _do_key(self, key: str) -> None:
        hearing = self._state["hearing"]
        by = "jack" if hearing["jack"] else "speaker"
        hearing["said"].append({"number": len(hearing["said"]) + 1, "text": f"key {key}", "by": by})

    def _do_jack(self, to: str) -> None:
        self._state["hearing"]["jack"] = to == "in"

    def _do_power(self, what: str) -> None:
        self._state["power"] = what == "restore"
        running = "running" if what == "restore" else "killed"
        self._state["processes"] = {"core": running, "ui": running}
        self.say("process", process="core", state=running)
        self.say("physical", what="power", connector=None, value=what)
        for number in ("1", "2"):
            self._set(number, contactor="open", current_a=0.0, power_w=0)
        if what == "restore":
            self._move("point:1", "recovering", "settling/metering", "Booted")
            self._settle()

    def _do_kill(self, process: str) -> None:
        self.say("process", process=process, state="killed")

    def _do_tap(self, card: str | dict[str, Any]) -> None:
        self._wire("card_reader", "tx", "D4 4A 01 00", "InListPassiveTarget 106 kbit/s")
        self._wire("card_reader", "rx", "D5 4B 01 …", f"a card came: {card}")
        self._show("gc_ok", START)

    def _do_fault(self, argument: dict[str, Any]) -> None:
        self._state["faults"].setdefault(argument["device"], []).append(argument["kind"])

    def _do_clear(self, argument: dict[str, Any]) -> None:
        self._state["faults"].pop(argument["device"], None)

    def _do_central(self, mode: str) -> None:
        self._state["central"] |= {"mode": mode, "link": "online" if mode == "up" else "offline"}

    def _do_speed(self, rate: int) -> None:
        self._state["speed"] = rate

    # --- what follows -------------------------------------------------------------------------

    def _start(self) -> None:
        credit = self._credit()
        accounts = self._state["ledger"]["accounts"]
        accounts["credit:1"], accounts["held:1"] = 0, credit
        self._wire("evse:1", "tx", "24 46 45 5E 32 37 0D", "$FE: enable")
        self._wire("evse:1", "rx", "24 4F 4B 5E 32 30 0D", "$OK")
        self._move("point:1", "payment/coins", "session/starting", "StartRequested")
        self._posted("tx:1:start", {"credit:1": -credit, "held:1": credit})
        self._set("1", contactor="closed", lock="locked", pilot="C", status="Charging")
        self._set("1", machine="session/energised", current_a=16.0, power_w=3680)
        self.say("physical", what="contactor", connector=1, value="closed")
        self._ocpp("StartTransaction", {"connectorId": 1, "idTag": "CASH", "meterStart": 0})
        self._show("charging", STOP)

    def tick(self) -> None:
        point = self._state["connectors"]["1"]
        if point["contactor"] == "closed":
            point["energy_wh"] += 61
            reading = f"import {point['energy_wh']} Wh, {point['power_w']} W"
            self._wire("meter:1", "rx", "01 04 04 44 12 40 00 A3", reading)
        self._t += 1
        self.say("screen", id=self._screen["id"], version=self._screen["version"])
        self.say("state", state=self.state())

    def _stop(self) -> None:
        self._wire("evse:1", "tx", "24 46 53 5E 33 31 0D", "$FS: sleep")
        self._move("point:1", "session/energised", "session/stopping", "StopRequested")
        self._set("1", contactor="open", current_a=0.0, power_w=0, pilot="B")
        self.say("physical", what="contactor", connector=1, value="open")
        self._settle()
        self._ocpp("StopTransaction", {"transactionId": 1, "reason": "Local"})

    def _settle(self) -> None:
        accounts = self._state["ledger"]["accounts"]
        held = accounts.pop("held:1", 0)
        cost = self._state["connectors"]["1"]["energy_wh"] * PRICE_PER_KWH // 1000
        accounts["sales"] += cost
        accounts["owed"] = accounts.get("owed", 0) + held - cost
        self._posted("tx:1:settle", {"held:1": -held, "sales": cost, "owed": held - cost})
        self._set("1", machine="settling/receipt", status="Finishing", lock="unlocked")
        self._show("finished", GREEN)

    def _credit(self) -> int:
        return int(self._state["ledger"]["accounts"].get("credit:1", 0))

    def _button_at(self, spot: dict[str, int]) -> str:
        for button in self._screen["buttons"]:
            x, y, width, height = button["px"]
            if x <= spot["x"] < x + width and y <= spot["y"] < y + height:
                return str(button["id"])
        return ""

    def _point(self, argument: dict[str, Any]) -> dict[str, Any]:
        point = self._state["connectors"].get(str(argument.get("connector")))
        if point is None:
            raise StepRefused(f"there is no connector {argument.get('connector')!r}")
        return point

    def _set(self, number: str, **values: Any) -> None:
        self._state["connectors"][number] |= values

    def _show(self, screen: str, *buttons: dict[str, Any]) -> None:
        version = int(self._screen["version"]) + 1
        self._screen = {"id": screen, "version": version, "buttons": list(buttons)}
        self.say("screen", id=screen, version=version)

    # --- what is said -------------------------------------------------------------------------

    def say(self, kind: str, **fields: Any) -> None:
        for queue in self._listeners:
            queue.put_nowait({"kind": kind, "t": self._t, **fields})

    def _wire(self, bus: str, direction: str, octets: str, meaning: str) -> None:
        self.say("wire", bus=bus, dir=direction, hex=octets, meaning=meaning)

    def _move(self, machine: str, origin: str, target: str, event: str) -> None:
        self.say("transition", machine=machine, event=event, **{"from": origin, "to": target})

    def _posted(self, key: str, entries: dict[str, int]) -> None:
        if entries:
            self.say("posting", key=key, entries=entries)

    def _ocpp(self, action: str, payload: dict[str, Any]) -> None:
        self.say("ocpp", dir="sent", type=2, id="a1", action=action, payload=payload)
        answer = {"idTagInfo": {"status": "Accepted"}, "transactionId": 1}
        self.say("ocpp", dir="received", type=3, id="a1", action=action, payload=answer)
