"""The display as the kernel sees it, against `kiosk.size`: resolution, orientation, touch.

/sys/class/drm/card1-HDMI-A-1/status modes edid
/sys/class/input/event3/device/name capabilities/abs
"""

from dataclasses import dataclass
from pathlib import Path

from chargepoint.commission.finding import Finding, Step, bad, doubtful, good

SYS = Path("/sys")
_ABS_X, _ABS_MT_POSITION_X = 0x00, 0x35  # linux/input-event-codes.h
_WORD_BITS = 64
_EDID_CM = slice(21, 23)  # VESA E-EDID §3.6.2: width and height of the screen in cm


@dataclass(frozen=True, slots=True)
class Panel:
    output: str
    width: int
    height: int
    width_mm: int = 0  # 0: it does not say
    height_mm: int = 0


def panels(sys: Path) -> list[Panel]:
    """Connected displays at their preferred mode."""
    found = []
    for folder in sorted((sys / "class/drm").glob("card*-*")):
        if _text(folder / "status") != "connected":
            continue
        mode = _text(folder / "modes").partition("\n")[0]
        width, _, height = mode.partition("x")
        if width.isdigit() and height.isdigit():
            edid = _octets(folder / "edid")[_EDID_CM]
            sizes = [10 * each for each in edid] if len(edid) == 2 else [0, 0]
            found.append(Panel(folder.name, int(width), int(height), *sizes))
    return found


def touch_devices(sys: Path) -> list[str]:
    """Names of inputs that tell an absolute place."""
    found = []
    for folder in sorted((sys / "class/input").glob("event*")):
        words = _text(folder / "device/capabilities/abs").split()
        if not words:
            continue
        bits = 0
        for word in words:  # most significant first
            bits = bits << _WORD_BITS | int(word, 16)
        if bits >> _ABS_MT_POSITION_X & 1 or bits >> _ABS_X & 1:
            found.append(_text(folder / "device/name") or folder.name)
    return found


def panel_findings(sys: Path, size: str) -> list[Finding]:
    wanted = tuple(int(each) for each in size.split("x"))
    return [*_display(panels(sys), wanted, size), *_touch(touch_devices(sys))]


def _display(found: list[Panel], wanted: tuple[int, ...], size: str) -> list[Finding]:
    if not found:
        remedy = "cable and supply of the display; docs/install.md, The screen; dmesg | grep drm"
        return [bad(Step.PANEL, "display", "none is connected", remedy)]
    panel = found[0]
    seen = f"{panel.output} {panel.width}x{panel.height}"
    if panel.width_mm:
        seen += f", {panel.width_mm} x {panel.height_mm} mm"
    told = []
    if len(found) > 1:
        others = ", ".join(each.output for each in found[1:])
        remedy = "unplug the others, or set SDL_KMSDRM_DEVICE_INDEX in kiosk.env"
        told.append(doubtful(Step.PANEL, "display", f"more than one: also {others}", remedy))
    if (panel.width, panel.height) == wanted:
        return [good(Step.PANEL, "display", seen), *told]
    text = f"{seen}, and kiosk.size is {size}"
    if (panel.height, panel.width) == wanted:
        text += ": it is turned by a quarter"
    remedy = f"kiosk.size={panel.width}x{panel.height} and KIOSK_SIZE in kiosk.env, or turn it"
    return [bad(Step.PANEL, "display", text, remedy), *told]


def _touch(names: list[str]) -> list[Finding]:
    if names:
        return [good(Step.PANEL, "touch", ", ".join(names))]
    remedy = "USB cable of the touch panel; is user kiosk in group input? dmesg | grep input"
    return [bad(Step.PANEL, "touch", "nothing tells where it is touched", remedy)]


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", errors="replace").strip()
    except OSError:
        return ""


def _octets(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
