"""When something went wrong: what happened, what happened to the money, what to do now."""

from ui.frame import Frame
from ui.screens.charging import reference
from ui.theme import Face, Role
from ui.widgets import Banner, Message, compose_message


def _phone(frame: Frame) -> tuple[Banner, ...]:
    phone = frame.snapshot.station.phone
    return (Banner(phone, "phone", Role.GO, Face.DIGITS),) if phone else ()


def _why(frame: Frame, reason: str, usual: str) -> str:
    """`reason` is a text key of domain/faults/standing.py, or why the session ended."""
    if frame.text.has(reason):
        return frame.text(reason)
    return frame.text.or_else(f"ended_fault.{reason}", usual)


def compose_session_fault(frame: Frame) -> None:
    text, shot = frame.text, frame.snapshot
    reason = str(shot.params.get("reason") or "")
    cost = text.money(shot.param("cost_minor"), frame.currency)
    energy = text("unit.kwh", value=text.kilo(shot.param("energy_wh")))
    paid = Banner(text("session_fault.cost", amount=cost, energy=energy), "euro", Role.CASH)
    compose_message(
        frame,
        Message(
            text("session_fault.title"),
            _why(frame, reason, "session_fault.body"),
            picture="battery",
            badge="no",
            role=Role.STOP,
            banners=(paid, *_phone(frame)),
            small_print=reference(frame),
        ),
    )


def compose_recover(frame: Frame) -> None:
    text = frame.text
    banners = (Banner(text("recover.money"), "ok", Role.GO),)
    compose_message(
        frame,
        Message(text("recover.title"), text("recover.body"), picture="grid", banners=banners),
    )


def compose_oos(frame: Frame) -> None:
    """Of the connector in focus; the way to a free one comes before the phone."""
    text = frame.text
    another = any(tab.state == "free" for tab in frame.snapshot.tabs)
    other = (Banner(text("home.use_other"), "plug"),) if another else ()
    reason = str(frame.snapshot.params.get("reason") or "")
    compose_message(
        frame,
        Message(
            text("oos.connector.title" if another else "oos.title"),
            _why(frame, reason, "oos.body"),
            picture="plug",
            badge="wrench_disc",
            role=Role.STOP,
            banners=(*other, *_phone(frame)),
            small_print=reference(frame),
        ),
    )


def compose_updating(frame: Frame) -> None:
    """New software: nobody is charging, and it does not take long."""
    text = frame.text
    compose_message(
        frame,
        Message(
            text("updating.title"),
            text("updating.body"),
            picture="wrench",
            badge="clock",
            banners=_phone(frame),
        ),
    )


def compose_emergency(frame: Frame) -> None:
    text = frame.text
    compose_message(
        frame,
        Message(
            text("emergency.title"),
            text("emergency.body"),
            picture="hand",
            role=Role.STOP,
            banners=_phone(frame),
            small_print=reference(frame),
        ),
    )


def compose_unknown(frame: Frame) -> None:
    """A screen this kiosk does not know: say so calmly, keep every button within reach."""
    text = frame.text
    compose_message(frame, Message(text("boot.title"), text("unknown.body"), picture="brand"))
