"""From the start of a session to its end: preparing, charging, paused, the stop and its proof."""

from ui.frame import Frame, Sign
from ui.layout import Rect
from ui.screens.keypad import Entry, compose_keypad, has_keypad
from ui.text import countdown, duration
from ui.theme import Face, Role
from ui.view import Box, Run
from ui.widgets import (
    Banner,
    Fact,
    Message,
    coming_line,
    compose_message,
    fact_card,
    halves,
    number,
    operator_note,
    ring,
    scene_card,
    scene_title_lines,
    scene_with_note,
    small_fact,
)

_START_WAIT_S = 150
_CODE_S = 15
_PHASES = ("lock", "car", "power")
_PHASE_PICTURES = {"lock": "lock", "car": "talk", "power": "power"}
_CODE_LENGTH = 4


def compose_code(frame: Frame) -> None:
    text, shot = frame.text, frame.snapshot
    code = str(shot.params.get("code") or "")
    left = shot.param("countdown_s")
    compose_message(
        frame,
        Message(
            text("code.title"),
            text("code.body"),
            picture="keypad",
            role=Role.DO,
            figure=(Run(" ".join(code), ink=Role.DO),),
            countdown=(left, max(_CODE_S, left)) if left > 0 else None,
        ),
    )


def compose_code_set(frame: Frame) -> None:
    """Digits of the customer's own choice."""
    text, shot = frame.text, frame.snapshot
    words, ink = text("code_set.body"), Role.SECONDARY
    if shot.params.get("reason"):
        words, ink = text("code_set.plain"), Role.STOP
    entry = Entry(text("code_set.title"), words, ink, shot.param("typed"), _CODE_LENGTH)
    compose_keypad(frame, entry)


def compose_start_wait(frame: Frame) -> None:
    """Three named steps instead of one word: people wait when they see what is going on."""
    shot, text = frame.snapshot, frame.text
    phase = str(shot.params.get("phase") or "")
    current = _PHASES.index(phase) if phase in _PHASES else 0
    room = frame.card(frame.body)
    head, room = room.cut_top(frame.pick(70, 96), frame.pick(8, 18))
    frame.title(head, text("start_wait.title"), size=frame.pick(52, 62), lines=1)
    if frame.portrait:
        round_, room = room.cut_top(frame.px(200), frame.px(24))
        places = room.rows([1, 1, 1], frame.px(16))
    else:
        round_, room = room.cut_right(frame.px(200), frame.px(26))
        places = room.rows([1, 1, 1], frame.px(10))
    left = shot.param("countdown_s")
    ring(frame, round_.inset(frame.px(6)), left, max(_START_WAIT_S, left))
    for place, name in enumerate(_PHASES):
        _phase(frame, places[place], name, place - current)


def _phase(frame: Frame, rect: Rect, name: str, ahead: int) -> None:
    """`ahead` is negative for what is done, zero for what goes on, positive for what follows."""
    fill = Role.GO_TINT if ahead < 0 else (Role.DO_TINT if ahead == 0 else Role.CARD)
    border = Role.GO if ahead < 0 else (Role.DO if ahead == 0 else Role.LINE)
    frame.add(Box(rect, fill, border, frame.px(4 if ahead == 0 else 3), frame.px(18)))
    room = rect.inset(frame.pick(18, 24), frame.px(8))
    icon = min(room.h, frame.pick(50, 80))
    state, room = room.cut_right(icon, frame.px(12))
    done = {-1: "ok", 0: "hourglass"}.get(max(-1, min(1, ahead)))
    if done:
        frame.picture(state.centred(icon, icon), done)
    ink = Role.GO if ahead < 0 else (Role.TEXT if ahead == 0 else Role.SECONDARY)
    words = frame.text(f"phase.{name}")
    frame.say(words)
    frame.pair(room, words, frame.pick(34, 44), Sign(icon, _PHASE_PICTURES[name]), ink=ink, lines=1)


def compose_start_fail(frame: Frame) -> None:
    text, shot = frame.text, frame.snapshot
    reason = str(shot.params.get("reason") or "")
    charged = shot.param("charged_minor")
    if charged:
        amount = text.money(charged, frame.currency)
        money = Banner(text("money.charged", amount=amount), "euro", Role.CASH)
    else:
        money = Banner(text("money.not_charged"), "ok", Role.GO)
    compose_message(
        frame,
        Message(
            text("start_fail.title"),
            text.or_else(f"fail.{reason}", "start_fail.body"),
            picture="battery",
            badge="no",
            role=Role.STOP,
            banners=(money,),
            small_print=reference(frame),
        ),
    )


def reference(frame: Frame) -> str:
    """What to tell the help desk."""
    value = frame.snapshot.params.get("reference")
    return frame.text("reference", reference=value) if value else ""


def compose_charging(frame: Frame) -> None:
    """The QR code leads to this charge on the driver's own telephone."""
    code = str(frame.snapshot.params.get("qr") or "")
    _session(frame, "charging", frame.text("charging.title"), _charging_note(frame), code)


def compose_paused_car(frame: Frame) -> None:
    note = operator_note(frame) or Banner(frame.text("paused_car.body"), "car", Role.CASH)
    _session(frame, "paused", frame.text("paused_car.title"), note)


def compose_paused_grid(frame: Frame) -> None:
    resumes, said = frame.snapshot.params.get("resumes"), operator_note(frame)
    if not resumes:
        note = said or Banner(frame.text("paused_grid.body"), "grid", Role.CASH)
        _session(frame, "paused", frame.text("paused_grid.title"), note)
        return
    frame.say(said.text if said is not None else "")  # the time of the end has the only room
    note = Banner(frame.text("paused_grid.until", time=resumes), "grid", Role.CASH)
    _session(frame, "paused", frame.text("state.paused"), note)


def compose_stopping(frame: Frame) -> None:
    note = Banner(frame.text("stopping.body"), "hourglass", Role.DO)
    _session(frame, "stopping", frame.text("stopping.title"), note)


def _charging_note(frame: Frame) -> Banner | None:
    shot, text = frame.snapshot, frame.text
    if low := shot.param("low_s"):
        return Banner(text("charging.low", time=countdown(low)), "clock", Role.CASH)
    if needed_at := shot.params.get("needed_at"):
        return Banner(text("charging.needed", time=needed_at), "calendar", Role.CASH)
    return _said(frame) or _usual_note(frame)


def _said(frame: Frame) -> Banner | None:
    """The charger's own trouble has the room, the operator's words are spoken with it."""
    said = operator_note(frame)
    if not frame.snapshot.params.get("warm"):
        return said
    frame.say(said.text if said is not None else "")
    return Banner(frame.text("charging.warm"), "warn", Role.CASH)


def _usual_note(frame: Frame) -> Banner | None:
    shot, text = frame.snapshot, frame.text
    if coming := coming_line(frame):
        return Banner(coming, "clock", Role.DO)
    if shot.params.get("locked"):
        return Banner(text("charging.locked"), "lock", Role.GO)
    return None


def _session(frame: Frame, kind: str, title: str, note: Banner | None, code: str = "") -> None:
    left, right = halves(frame, 0.56, 0.57)
    if code and scene_title_lines(frame, left, title) > 1:
        title = frame.text(f"state.{kind}")  # a second line would take the room of the code
    scene_card(frame, left, title, kind, note, code)
    session_facts(frame, right)


def energy_fact(frame: Frame) -> Fact:
    value = frame.text.kilo(frame.snapshot.param("energy_wh"))
    return Fact("energy", frame.text("fact.energy"), number(value, "kWh"))


def cost_fact(frame: Frame, label: str) -> Fact:
    """The cost, and of what at most: the driver sees the limit come nearer."""
    shot, text = frame.snapshot, frame.text
    runs = [Run(text.money(shot.param("cost_minor"), frame.currency))]
    if limit := shot.param("max_minor"):
        amount = text.money_short(limit, frame.currency)
        words = " " + text("fact.of_max", amount=amount)
        # On a panel on end the words would press the cost itself small.
        shown = f" / {amount}" if frame.portrait else words
        runs.append(Run(shown, 0.48, Face.PLAIN, Role.SECONDARY, said=words))
    return Fact("euro", text(label), tuple(runs))


def time_fact(frame: Frame) -> Fact:
    value = duration(frame.snapshot.param("elapsed_s"))
    return Fact("clock", frame.text("fact.time"), number(value, "h"))


def session_facts(frame: Frame, rect: Rect) -> None:
    shot, text = frame.snapshot, frame.text
    power = number(text.kilo(shot.param("power_w"), 1), "kW")
    power_fact = Fact("plug", text("fact.power"), power)
    if frame.portrait:
        first, row = rect.rows([1.1, 1.0], frame.gap)
        second, third = row.columns([1.62, 1.0], frame.gap)
        low = third.rows([1, 1], frame.gap)
    else:
        first, second, third = rect.rows([1.25, 1.06, 0.68], frame.gap)
        low = third.columns([1, 1], frame.gap)
    fact_card(frame, first, energy_fact(frame), frame.pick(84, 104))
    fact_card(frame, second, cost_fact(frame, "fact.cost_so_far"), frame.pick(64, 80))
    small_fact(frame, low[0], time_fact(frame), frame.pick(42, 50))
    small_fact(frame, low[1], power_fact, frame.pick(42, 50))


def compose_stop_auth(frame: Frame) -> None:
    text, shot = frame.text, frame.snapshot
    if not has_keypad(frame):
        note = Banner(text("stop_auth.card_body"), "greencard")
        scene_with_note(frame, text("stop_auth.card_title"), "tap", note)
        return
    locked = shot.param("locked_s")
    if locked > 0:
        words, ink = text("stop_auth.locked", time=countdown(locked)), Role.STOP
    elif shot.param("wrong") > 0:
        words, ink = text("stop_auth.wrong"), Role.STOP
    else:
        words, ink = text("stop_auth.where"), Role.SECONDARY
    entry = Entry(text("stop_auth.code_title"), words, ink, shot.param("typed"), _CODE_LENGTH)
    compose_keypad(frame, entry)
