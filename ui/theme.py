"""Colours by role, faces and type sizes. Screens name roles; only the painter knows colours."""

from dataclasses import dataclass
from enum import StrEnum

Colour = tuple[int, int, int]


class Role(StrEnum):
    """What a colour is for. Blue: do, next. Green: go. Amber: cash. Red: stop. Grey: neutral."""

    BACKGROUND = "background"
    CARD = "card"
    LINE = "line"
    CONTROL = "control"
    TEXT = "text"
    SECONDARY = "secondary"
    DO = "do"
    DO_TINT = "do_tint"
    GO = "go"
    GO_TINT = "go_tint"
    CASH = "cash"
    CASH_TINT = "cash_tint"
    STOP = "stop"
    STOP_TINT = "stop_tint"
    ON_STRONG = "on_strong"  # text on a filled DO, GO, CASH or STOP
    IDLE_FILL = "idle_fill"  # a control that cannot be used now
    DISC = "disc"  # the white disc behind a pictogram on a filled step
    COIN = "coin"
    NOTE = "note"


def _rgb(code: str) -> Colour:
    return int(code[1:3], 16), int(code[3:5], 16), int(code[5:7], 16)


_DAY = {
    Role.BACKGROUND: "#EEF3F7",
    Role.CARD: "#FFFFFF",
    Role.LINE: "#C5D2DD",
    Role.CONTROL: "#5E7387",
    Role.TEXT: "#08131E",
    Role.SECONDARY: "#33475A",
    Role.DO: "#0B5FC0",
    Role.DO_TINT: "#E4F0FE",
    Role.GO: "#0B7A3E",
    Role.GO_TINT: "#DDF6E6",
    Role.CASH: "#9A5200",
    Role.CASH_TINT: "#FFF1D4",
    Role.STOP: "#C4241A",
    Role.STOP_TINT: "#FDE7E4",
    Role.ON_STRONG: "#FFFFFF",
    Role.IDLE_FILL: "#E1E8EE",
    Role.DISC: "#FFFFFF",
    Role.COIN: "#FFF1D4",
    Role.NOTE: "#DDF6E6",
}

_NIGHT = {
    Role.BACKGROUND: "#040A11",
    Role.CARD: "#0F1C29",
    Role.LINE: "#26394C",
    Role.CONTROL: "#7F9BB4",
    Role.TEXT: "#F6FAFD",
    Role.SECONDARY: "#BCCBD9",
    Role.DO: "#4AA8FF",
    Role.DO_TINT: "#0C2340",
    Role.GO: "#35D07F",
    Role.GO_TINT: "#0A2E1B",
    Role.CASH: "#FFB84D",
    Role.CASH_TINT: "#33240A",
    Role.STOP: "#FF6F61",
    Role.STOP_TINT: "#3A1512",
    Role.ON_STRONG: "#04101A",
    Role.IDLE_FILL: "#1A2937",
    Role.DISC: "#FFFFFF",
    Role.COIN: "#33240A",
    Role.NOTE: "#0A2E1B",
}


_CONTRAST = {
    **dict.fromkeys((Role.BACKGROUND, Role.CARD, Role.ON_STRONG), "#000000"),
    **dict.fromkeys((Role.LINE, Role.CONTROL, Role.TEXT, Role.SECONDARY, Role.DISC), "#FFFFFF"),
    Role.DO: "#FFE44D",
    Role.DO_TINT: "#1A1600",
    Role.GO: "#5CFF9A",
    Role.GO_TINT: "#001A0A",
    Role.CASH: "#FFC966",
    Role.CASH_TINT: "#1A1000",
    Role.STOP: "#FFA79E",
    Role.STOP_TINT: "#220600",
    Role.IDLE_FILL: "#161616",
    Role.COIN: "#1A1000",
    Role.NOTE: "#001A0A",
}


@dataclass(frozen=True, slots=True)
class Theme:
    """One set of colours; `night`: light on dark, with the moon instead of the sun."""

    name: str
    colours: dict[Role, Colour]

    @property
    def night(self) -> bool:
        return self.name != "day"

    def __getitem__(self, role: Role) -> Colour:
        return self.colours[role]


DAY = Theme("day", {role: _rgb(code) for role, code in _DAY.items()})
NIGHT = Theme("night", {role: _rgb(code) for role, code in _NIGHT.items()})


CONTRAST = Theme("contrast", {role: _rgb(code) for role, code in _CONTRAST.items()})
THEMES = {theme.name: theme for theme in (DAY, NIGHT, CONTRAST)}


def theme_of(name: str) -> Theme:
    return THEMES.get(name, DAY)


def contrast(one: Colour, other: Colour) -> float:
    """WCAG 2.2 contrast ratio, 1 to 21."""
    bright, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def _luminance(colour: Colour) -> float:
    linear = [
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4
        for share in (channel / 255 for channel in colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


class Face(StrEnum):
    """Words: Atkinson Hyperlegible Next. Digits: Noto Sans, tabular and with a plain zero."""

    PLAIN = "AtkinsonHyperlegibleNext-SemiBold"
    BOLD = "AtkinsonHyperlegibleNext-Bold"
    DIGITS = "NotoSans-ExtraBold"

    @property
    def cap_height(self) -> float:
        """Height of a capital H per em (OS/2 sCapHeight of the bundled file)."""
        return 0.714 if self is Face.DIGITS else 0.668


# Smallest height of a capital letter in millimetres, by use (design: R-TEXT-2, R-TEXT-1).
TITLE_CAP_MM = 6.0
LABEL_CAP_MM = 4.0
SECONDARY_CAP_MM = 3.0
EASY_CAP_MM = 7.3  # 0.7 degrees at 600 mm, EN 301 549 5.1.4
