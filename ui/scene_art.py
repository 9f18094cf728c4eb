"""The drawings of the illustrations, as SVG text. Own artwork, same hand as the pictograms.

Everything stands on a stage of 560 x 220 units that is scaled into the picture; sky, hills and
road fill what is left around it.
"""

from dataclasses import dataclass

_POST = (
    '<rect x="66" y="40" width="80" height="146" rx="17" fill="#15803F"/>'
    '<path d="M66 148H146V186H66Z" fill="#0B6B35"/>'
    '<rect x="79" y="54" width="54" height="43" rx="8" fill="#FFFFFF"/>'
    '<path d="M111 58L94 79H105L100 93L118 71H107Z" fill="#15803F"/>'
    '<circle cx="106" cy="124" r="15" fill="#0A4F29"/><circle cx="106" cy="124" r="9.5" '
    'fill="#FFFFFF"/>'
)
_CAR_BODY = (
    '<path d="M26 53L60 12C67 4 74 1 85 1H124C136 1 144 5 151 13L184 51L213 57C223 60 229 68 229 79'
    'V106A9 9 0 0 1 220 115H9A9 9 0 0 1 0 106V71C0 61 8 55 26 53Z" fill="#1976D2"/>'
    '<path d="M0 89H229V106A9 9 0 0 1 220 115H9A9 9 0 0 1 0 106Z" fill="#0D4F9E"/>'
)
_CAR_PARTS = (
    '<path d="M107 56V88" stroke="#0D4F9E" stroke-width="3.5"/>'
    '<path d="M50 65H68M117 65H135" stroke="#CFE3F8" stroke-width="5.500" stroke-linecap="round"/>'
    '<rect x="-3" y="92" width="15" height="8" rx="4" fill="#FF6F61"/>'
    '<rect x="208" y="63" width="24" height="8.500" rx="4" fill="#FFF1C2"/>'
    '<circle cx="53" cy="115" r="23" fill="#14202B"/><circle cx="53" cy="115" r="11" '
    'fill="#C9D3DD"/><circle cx="177" cy="115" r="23" fill="#14202B"/>'
    '<circle cx="177" cy="115" r="11" fill="#C9D3DD"/>'
)
_INLET = (
    '<circle cx="18" cy="71" r="11.500" fill="#FFFFFF"/><circle cx="18" cy="71" r="6.500" '
    'fill="#0D4F9E"/>'
)
_WINDOWS = "M51 49L74 20C79 14 82 12 88 12H101V49Z M112 12H123C131 12 136 14 141 20L163 49H112Z"

# Cable as two cubic curves: post to lowest point, lowest point to the car's inlet.
_PLUGGED = (
    ((106, 124), (106, 172), (132, 204), (184, 202)),
    ((184, 202), (246, 200), (226, 128), (296, 130)),
)
_LOOSE = "M106 124C108 172 132 204 178 202C226 200 216 148 254 138"
_AWAY = "M106 124C110 150 150 160 158 130C164 108 150 96 144 92"


@dataclass(frozen=True, slots=True)
class Stage:
    """The rectangle in which things stand."""

    width: int = 560
    height: int = 220

    def scale(self, width: int, height: int) -> float:
        return min(width / self.width, height / self.height)

    def origin(self, width: int, height: int) -> tuple[float, float]:
        """Upper left corner in the picture: centred, standing on the road at the bottom."""
        scale = self.scale(width, height)
        return (width - self.width * scale) / 2, height - self.height * scale


STAGE = Stage()


def cable_points(share: float) -> tuple[float, float]:
    """A point on the plugged cable, from the post (0) to the car (1)."""
    share = max(0.0, min(1.0, share)) * 2
    curve = _PLUGGED[0] if share < 1 else _PLUGGED[1]
    along = share if share < 1 else share - 1
    rest = 1 - along
    weights = (rest**3, 3 * rest * rest * along, 3 * rest * along * along, along**3)
    x = sum(weight * point[0] for weight, point in zip(weights, curve, strict=True))
    y = sum(weight * point[1] for weight, point in zip(weights, curve, strict=True))
    return x, y


def art_of(kind: str, width: int, height: int, *, night: bool) -> str:
    """The whole picture."""
    scale = STAGE.scale(width, height)
    left, top = STAGE.origin(width, height)
    ground = height - 38 * scale
    if kind in ("tap", "tap_bank"):
        behind = _wall(width, height, night=night, bank=kind == "tap_bank")
        front = _tap(night=night, bank=kind == "tap_bank")
    else:
        behind = _landscape(width, height, ground, scale, night=night)
        front = _street(kind, night=night)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}">{behind}'
        f'<g transform="translate({left:.2f} {top:.2f}) scale({scale:.4f})">{front}</g></svg>'
    )


def _wall(width: int, height: int, *, night: bool, bank: bool) -> str:
    """A calm ground with soft rings around the reader."""
    if bank:
        ground, glow = ("#0B2038", "#13304F") if night else ("#E4F0FE", "#CDE3FC")
    else:
        ground, glow = ("#0C2A22", "#14392D") if night else ("#DDF6E6", "#C6EDD5")
    x, y = width * 0.32, height * 0.46
    rings = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{height * share:.1f}" fill="{glow}" '
        f'opacity="{0.35 + 0.1 * place:.2f}"/>'
        for place, share in enumerate((1.25, 0.95, 0.68))
    )
    return f'<rect x="0" y="0" width="{width}" height="{height}" fill="{ground}"/>{rings}'


def _landscape(width: int, height: int, ground: float, scale: float, *, night: bool) -> str:
    sky = ("#0A1D38", "#14304F") if night else ("#CDE5FF", "#F4F9FF")
    hills = ("#133A2C", "#0E2B22") if night else ("#BFE5CB", "#9CD6AE")
    road = "#33475A" if night else "#AAB8C4"
    far, near = 62 * scale, 30 * scale
    return (
        '<defs><linearGradient id="sky" gradientUnits="userSpaceOnUse" x1="0" y1="0" x2="0" '
        f'y2="{ground:.1f}"><stop offset="0" stop-color="{sky[0]}"/>'
        f'<stop offset="1" stop-color="{sky[1]}"/></linearGradient></defs>'
        f'<rect x="0" y="0" width="{width}" height="{height}" fill="url(#sky)"/>'
        f"{_lights(width, height, scale, night=night)}"
        f'<path d="M0 {ground - far * 0.55:.1f}C{width * 0.18:.1f} {ground - far * 1.5:.1f} '
        f"{width * 0.36:.1f} {ground - far * 1.1:.1f} {width * 0.52:.1f} {ground - far * 0.6:.1f}"
        f"S{width * 0.84:.1f} {ground - far * 1.3:.1f} {width} {ground - far * 0.5:.1f}"
        f'V{height}H0Z" fill="{hills[0]}"/>'
        f'<path d="M0 {ground - near * 0.4:.1f}C{width * 0.2:.1f} {ground - near * 1.4:.1f} '
        f"{width * 0.42:.1f} {ground - near * 0.2:.1f} {width * 0.6:.1f} {ground - near * 0.5:.1f}"
        f"S{width * 0.86:.1f} {ground - near * 1.3:.1f} {width} {ground - near * 0.7:.1f}"
        f'V{height}H0Z" fill="{hills[1]}"/>'
        f'<rect x="0" y="{ground:.1f}" width="{width}" height="{height - ground:.1f}" '
        f'fill="{road}"/>'
    )


def _lights(width: int, height: int, scale: float, *, night: bool) -> str:
    """Sun, or moon and stars."""
    x = width / 2 + 214 * scale
    y = min(46 * scale, height - 172 * scale)
    y = max(y, 34 * scale)
    if not night:
        return (
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{34 * scale:.1f}" fill="#FFE9A6" '
            f'opacity="0.6"/><circle cx="{x:.1f}" cy="{y:.1f}" r="{25 * scale:.1f}" fill="#FFD54A"/>'
        )
    stars = "".join(
        f'<circle cx="{width * across:.1f}" cy="{height * down:.1f}" r="{size * scale:.1f}" '
        f'fill="#E6EEF6"/>'
        for across, down, size in _STARS
    )
    r = 25 * scale
    moon = (
        f'<path d="M{x + 0.3 * r:.1f} {y - r:.1f}A{r:.1f} {r:.1f} 0 1 0 {x + r:.1f} '
        f'{y + 0.42 * r:.1f}A{0.86 * r:.1f} {0.86 * r:.1f} 0 0 1 {x + 0.3 * r:.1f} {y - r:.1f}Z" '
        'fill="#FFE9B0"/>'
    )
    return stars + moon


_STARS = (
    (0.05, 0.16, 1.6),
    (0.12, 0.06, 1.2),
    (0.24, 0.22, 1.4),
    (0.33, 0.09, 1.8),
    (0.41, 0.26, 1.1),
    (0.5, 0.07, 1.5),
    (0.58, 0.2, 1.2),
    (0.69, 0.06, 1.4),
    (0.78, 0.1, 1.2),
    (0.95, 0.2, 1.7),
)


@dataclass(frozen=True, slots=True)
class Act:
    """What differs between the pictures with a car."""

    cable: str = "plugged"  # plugged loose away
    colour: str = "#FF9F1C"
    arrow: str = ""  # right left
    mark: str = ""  # bolt pause tick
    car_x: int = 314


_ACTS = {
    "connect": Act(cable="loose", arrow="right"),
    "connected": Act(),
    "charging": Act(colour="#159A4C", mark="bolt"),
    "paused": Act(mark="pause"),
    "stopping": Act(colour="#7F93A5"),
    "finished": Act(colour="#7F93A5", mark="tick"),
    "unplug": Act(cable="loose", arrow="left"),
    "goodbye": Act(cable="away", mark="tick", car_x=330),
}


def _street(kind: str, *, night: bool) -> str:
    act = _ACTS.get(kind, _ACTS["connected"])
    window = "#FFE9A8" if night else "#CFE8FF"
    car = (
        f'<g transform="translate({act.car_x} 70)"><ellipse cx="114" cy="138" rx="120" ry="6" '
        f'fill="#000000" opacity="0.12"/>{_CAR_BODY}<path d="{_WINDOWS}" fill="{window}"/>'
        f"{_CAR_PARTS}{_INLET}{_mark(act.mark)}</g>"
    )
    return _POST + car + _cable(act) + _arrow(act.arrow, night=night)


def _cable(act: Act) -> str:
    if act.cable == "plugged":
        start, *_ = _PLUGGED[0]
        path = f"M{start[0]} {start[1]}" + "".join(
            "C" + " ".join(f"{x} {y}" for x, y in curve[1:]) for curve in _PLUGGED
        )
        plug = (
            '<g transform="translate(290 116)"><rect x="0" y="0" width="40" height="28" rx="9" '
            'fill="#14202B"/><rect x="30" y="4" width="14" height="20" rx="4" fill="#8FA3B5"/></g>'
        )
    elif act.cable == "loose":
        path = _LOOSE
        plug = (
            '<g transform="rotate(-8 268 136)"><rect x="276" y="127" width="17" height="19" rx="4" '
            'fill="#8FA3B5"/><rect x="248" y="122" width="35" height="28" rx="9" fill="#14202B"/></g>'
        )
    else:
        path = _AWAY
        plug = (
            '<rect x="128" y="80" width="34" height="22" rx="8" fill="#14202B"/>'
            '<rect x="122" y="84" width="12" height="14" rx="3" fill="#8FA3B5"/>'
        )
    line = 'fill="none" stroke-linecap="round" stroke-linejoin="round"'
    return (
        f'<path d="{path}" stroke="#14202B" stroke-width="17" {line}/>'
        f'<path d="{path}" stroke="{act.colour}" stroke-width="11" {line}/>{plug}'
    )


def _arrow(side: str, *, night: bool) -> str:
    if not side:
        return ""
    ink = "#4AA8FF" if night else "#0B5FC0"
    rim = "#0F1C29" if night else "#FFFFFF"
    turn = ' transform="rotate(180 266 90)"' if side == "left" else ""
    path = '<path d="M236 90H294M274 69L296 90L274 111"'
    line = 'fill="none" stroke-linecap="round" stroke-linejoin="round"'
    return (
        f'<g{turn}>{path} stroke="{rim}" stroke-width="22" {line}/>'
        f'{path} stroke="{ink}" stroke-width="12" {line}/></g>'
    )


def _mark(mark: str) -> str:
    """A round sign on the car's door."""
    disc = '<circle cx="108" cy="80" r="26" fill="#FFFFFF"/>'
    line = 'fill="none" stroke-linecap="round" stroke-linejoin="round"'
    signs = {
        "bolt": '<path d="M113 58L94 83H106L101 102L122 76H110Z" fill="#F59E0B" '
        'stroke="#F59E0B" stroke-width="2" stroke-linejoin="round"/>',
        "pause": f'<path d="M100 69V91M116 69V91" stroke="#B45309" stroke-width="8" {line}/>',
        "tick": f'<path d="M96 81L105 90L121 71" stroke="#159A4C" stroke-width="8" {line}/>',
    }
    return disc + signs[mark] if mark in signs else ""


def _tap(*, night: bool, bank: bool) -> str:
    """A card held to the reader of the post."""
    waves = "#BFE0FF" if bank else ("#7CE3AC" if night else "#FFFFFF")
    light = "#4AA8FF" if bank else "#35D07F"
    reader = (
        '<rect x="70" y="-40" width="214" height="300" rx="26" fill="#15803F"/>'
        '<rect x="70" y="150" width="214" height="110" fill="#0B6B35"/>'
        '<rect x="98" y="18" width="158" height="150" rx="20" fill="#14202B"/>'
        f'<rect x="98" y="18" width="158" height="150" rx="20" fill="none" stroke="{light}" '
        'stroke-width="5"/>'
        f'<g transform="translate(150 93)"><path d="M0 -22A38 38 0 0 1 0 22M17 -36A62 62 0 0 1 17 36'
        f'M34 -50A86 86 0 0 1 34 50" fill="none" stroke="{waves}" stroke-width="9" '
        'stroke-linecap="round"/></g>'
    )
    shadow = (
        '<rect x="-106" y="-66" width="214" height="136" rx="18" fill="#000000" opacity="0.16"/>'
    )
    card = _BANK_CARD if bank else _GREEN_CARD
    return f'{reader}<g transform="translate(398 104) rotate(-9)">{shadow}{card}</g>'


_GREEN_CARD = (
    '<rect x="-110" y="-72" width="214" height="136" rx="18" fill="#159A4C"/>'
    '<path d="M-110 20C-50 34 20 -14 104 4V46A18 18 0 0 1 86 64H-92A18 18 0 0 1 -110 46Z" '
    'fill="#0B6B35"/>'
    '<g transform="translate(-38 -16) scale(1.9)"><path d="M-18 16C-24 -8 -4 -22 22 -20C24 4 10 '
    '24 -12 17Z" fill="#FFFFFF"/><path d="M-20 22C-12 8 0 -2 12 -9" stroke="#159A4C" '
    'stroke-width="4.5" stroke-linecap="round" fill="none"/></g>'
    '<path d="M62 -48L30 -4H50L42 28L76 -18H55Z" fill="#FFD54A" stroke="#FFD54A" '
    'stroke-width="4" stroke-linejoin="round"/>'
)
_BANK_CARD = (
    '<rect x="-110" y="-72" width="214" height="136" rx="18" fill="#1976D2"/>'
    '<path d="M-110 26H104V46A18 18 0 0 1 86 64H-92A18 18 0 0 1 -110 46Z" fill="#0D4F9E"/>'
    '<rect x="-88" y="-44" width="46" height="36" rx="8" fill="#FFD54A"/>'
    '<path d="M-65 -44V-8M-88 -26H-42" stroke="#9A5200" stroke-width="4"/>'
    '<path d="M-86 44H-24M-8 44H22" stroke="#FFFFFF" stroke-width="10" stroke-linecap="round"/>'
)
