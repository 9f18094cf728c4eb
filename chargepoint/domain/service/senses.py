"""Trials that only eyes and ears can judge: the kiosk's voice, and how bright its panel can be."""

from chargepoint.domain.dialogue.context import Talk
from chargepoint.domain.service.steps import go, note, service
from chargepoint.domain.service.values import Fact, Key, ServiceData

DARKEST, BRIGHTEST, STEP = 10, 100, 15


def voice_wanted(data: ServiceData) -> bool:
    """The kiosk reads this page aloud, whoever listens otherwise."""
    return data.page == "t_speech" and data.person is not None


def brightness_wanted(data: ServiceData) -> int | None:
    """In %, instead of what the hour asks; None: the hour."""
    is_tried = data.page == "t_bright" and data.person is not None
    return int(data.subject or BRIGHTEST) if is_tried else None


def speech_facts(_talk: Talk) -> tuple[Fact, ...]:
    return (Fact("test.speech_how"),)


def speech_keys(_talk: Talk) -> tuple[Key, ...]:
    return (Key("t_heard"), Key("t_not_heard"))


def speech_pressed(talk: Talk, button: str) -> None:
    heard = button == "t_heard"
    note(talk, "test speech", "heard" if heard else "not heard")
    go(talk, "t_test", notice="speech_heard" if heard else "speech_not_heard", is_good=heard)


def brightness_facts(talk: Talk) -> tuple[Fact, ...]:
    return (Fact("test.brightness_now", f"{_percent(talk)} %"), Fact("test.brightness_how"))


def brightness_keys(talk: Talk) -> tuple[Key, ...]:
    percent = _percent(talk)
    return (
        Key("t_darker", percent > DARKEST),
        Key("t_brighter", percent < BRIGHTEST),
        Key("key_ok"),
    )


def brightness_pressed(talk: Talk, button: str) -> None:
    percent = _percent(talk)
    if button == "key_ok":
        note(talk, f"test brightness {percent}", "done")
        go(talk, "t_test", notice="brightness_seen")
        return
    change = -STEP if button == "t_darker" else STEP
    go(talk, "t_bright", str(min(BRIGHTEST, max(DARKEST, percent + change))))


def _percent(talk: Talk) -> int:
    return int(service(talk).subject or BRIGHTEST)
