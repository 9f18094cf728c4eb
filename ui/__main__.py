"""`python -m ui`: the kiosk process. Arguments, display, frame loop."""

import argparse
import contextlib
import gc
import logging
import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ui.speech.voice import Voice

ASIDE_S = 3.0  # whoever starts us again does so at once: a machine without a display has other work
NO_DISPLAY = 3  # exit code: the unit starts us again, and a technician finds the incident

log = logging.getLogger("ui")


def _pair(separator: str, kind: type[int] | type[float], text: str) -> tuple[float, float]:
    first, found, second = text.lower().partition(separator)
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} is not WIDTHxHEIGHT")
    try:
        return kind(first), kind(second)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not WIDTHxHEIGHT") from None


def _size(text: str) -> tuple[int, int]:
    width, height = _pair("x", int, text)
    return int(width), int(height)


def _size_mm(text: str) -> tuple[float, float]:
    return _pair("x", float, text)


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m ui", description="Kiosk of a charge point.")
    parser.add_argument("--socket", required=True, metavar="PATH", help="the core's socket")
    parser.add_argument("--size", type=_size, default=(1024, 600), metavar="WxH", help="pixels")
    parser.add_argument(
        "--panel-mm", type=_size_mm, metavar="WxH", help="picture area in mm (default: 10.1 inch)"
    )
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument("--windowed", action="store_true", help="a window instead of full screen")
    shape.add_argument("--headless", action="store_true", help="no display at all")
    parser.add_argument(
        "--control", metavar="PATH", help="socket on which the bench taps and looks"
    )
    parser.add_argument(
        "--voice",
        choices=["auto", "captions", "none"],
        default="auto",
        help="captions: what would be spoken is written down for the bench",
    )
    parser.add_argument("--speaker", default="", metavar="NAME", help="sound device of the speaker")
    parser.add_argument("--jack", default="", metavar="NAME", help="sound device of the headphone")
    parser.add_argument(
        "--voices", default="voices", metavar="DIR", help="recorded phrases, by language and key"
    )
    parser.add_argument(
        "--aside",
        type=float,
        default=ASIDE_S,
        metavar="S",
        help="seconds to wait before it ends for want of a display (default: %(default)s)",
    )
    return parser.parse_args(argv)


def _voice(asked: argparse.Namespace) -> "Voice":
    from ui.speech.loud import LoudVoice, Outputs  # noqa: PLC0415 - as everything of pygame
    from ui.speech.mixer import SdlMixer  # noqa: PLC0415
    from ui.speech.synthesis import found  # noqa: PLC0415
    from ui.speech.voice import Captions  # noqa: PLC0415

    if asked.voice == "captions":
        return Captions()
    return LoudVoice(
        SdlMixer(),
        found() if asked.voice == "auto" else None,
        recordings=Path(asked.voices),
        outputs=Outputs(asked.speaker, asked.jack),
    )


def _stop(_number: int, _frame: FrameType | None) -> None:
    sys.exit(0)


def main(argv: list[str] | None = None) -> None:
    asked = arguments(argv)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    if asked.headless:
        os.environ["SDL_VIDEODRIVER"] = "dummy"
    # Without it SDL on X11 draws 2D through OpenGL: 90 MiB more and twice the time.
    os.environ.setdefault("SDL_FRAMEBUFFER_ACCELERATION", "0")
    signal.signal(signal.SIGTERM, _stop)
    # Only now: SDL reads its environment when pygame is imported.
    import pygame  # noqa: PLC0415

    from chargepoint.contract import Ability  # noqa: PLC0415
    from ui.app import Kiosk  # noqa: PLC0415
    from ui.backlight import Backlight  # noqa: PLC0415
    from ui.control import ControlPort  # noqa: PLC0415
    from ui.layout import panel_of  # noqa: PLC0415
    from ui.link import Link, tell_before_leaving  # noqa: PLC0415
    from ui.notify import Supervisor  # noqa: PLC0415
    from ui.window import Window, open_display, size_found  # noqa: PLC0415

    with contextlib.ExitStack() as stack:
        link = Link(asked.socket)
        stack.callback(link.close)
        supervisor = Supervisor()
        stack.callback(supervisor.close)
        try:
            panel = panel_of(asked.size, asked.panel_mm)
            surface = open_display(panel, windowed=asked.windowed or asked.headless)
        except pygame.error as error:
            log.critical("no display", extra={"why": str(error)})
            tell_before_leaving(link, Ability("display", works=False, detail=str(error)))
            time.sleep(asked.aside)  # noqa: TID251 - nothing else is left to do
            sys.exit(NO_DISPLAY)
        # The panel that is there is drawn on, whatever the configuration says of it.
        kiosk = Kiosk(surface.get_size(), asked.panel_mm, watch_core=True, voice=_voice(asked))
        kiosk.note(size_found(asked.size, surface))
        control = None
        if asked.control:
            control = ControlPort(asked.control, kiosk, link.send)
            stack.callback(control.close)
        with contextlib.suppress(KeyboardInterrupt):
            light = None if asked.headless or asked.windowed else Backlight()
            gc.freeze()  # what is made by now stays: 10 ms less for a finger to wait, now and then
            Window(surface, kiosk, link, supervisor, control, light).run()


if __name__ == "__main__":
    main()
