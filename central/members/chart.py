"""The schematic map: points at their true bearing and distance, rings for kilometres. Pure.

It draws no street and asks no foreign server for a tile. Pins that would cover each other are moved
apart and keep a line to where they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, hypot, pi, radians, sin

from central.fleet.availability import Place

WIDTH, HEIGHT = 720, 440
_MARGIN = 64
_APART = 52.0
_ROUNDS = 60
_KM_PER_DEGREE = 111.32
_LEAST_SPAN_KM = 0.6
_STEPS_KM = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0)
_LABELS_MAX = 14


@dataclass(frozen=True, slots=True)
class Pin:
    """`x`, `y`: where it is drawn; `at_x`, `at_y`: where it is."""

    place: Place
    x: int
    y: int
    at_x: int
    at_y: int
    has_label: bool

    @property
    def is_moved(self) -> bool:
        return hypot(self.x - self.at_x, self.y - self.at_y) > 3


@dataclass(frozen=True, slots=True)
class Ring:
    radius: int
    metres: int


@dataclass(frozen=True, slots=True)
class Chart:
    """Drawn around `x`, `y`, which is `latitude`, `longitude`; `per_km` units make a kilometre."""

    pins: tuple[Pin, ...]
    rings: tuple[Ring, ...]
    latitude: float
    longitude: float
    per_km: float
    x: int = WIDTH // 2
    y: int = HEIGHT // 2


def chart(found: Sequence[Place]) -> Chart | None:
    """None when no place says where it is."""
    known = [(p, p.latitude, p.longitude) for p in found]
    located = [(p, la, lo) for p, la, lo in known if la is not None and lo is not None]
    if not located:
        return None
    latitudes, longitudes = [la for _, la, _ in located], [lo for _, _, lo in located]
    middle = (_middle(latitudes), _middle(longitudes))
    east_km = _KM_PER_DEGREE * cos(radians(middle[0]))
    span_x = max((max(longitudes) - min(longitudes)) * east_km, _LEAST_SPAN_KM)
    span_y = max((max(latitudes) - min(latitudes)) * _KM_PER_DEGREE, _LEAST_SPAN_KM)
    per_km = min((WIDTH - 2 * _MARGIN) / span_x, (HEIGHT - 2 * _MARGIN) / span_y)
    true = [
        (
            WIDTH / 2 + (lo - middle[1]) * east_km * per_km,
            HEIGHT / 2 - (la - middle[0]) * _KM_PER_DEGREE * per_km,
        )
        for _, la, lo in located
    ]
    drawn = _apart(true)
    pins = tuple(
        Pin(place, round(x), round(y), round(at_x), round(at_y), len(located) <= _LABELS_MAX)
        for (place, _, _), (x, y), (at_x, at_y) in zip(located, drawn, true, strict=True)
    )
    return Chart(pins, _rings(per_km), *middle, per_km)


def _middle(values: Sequence[float]) -> float:
    return (min(values) + max(values)) / 2


def _rings(per_km: float) -> tuple[Ring, ...]:
    step_km = next((step for step in _STEPS_KM if step * per_km >= HEIGHT / 6), _STEPS_KM[-1])
    count = int(WIDTH / 2 / (step_km * per_km))
    return tuple(
        Ring(round(step_km * per_km * n), round(step_km * 1000 * n)) for n in range(1, count + 1)
    )


def _apart(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Neighbours push each other until each can be touched; the same input, the same picture."""
    moved = list(points)
    for _ in range(_ROUNDS):
        is_quiet = True
        for i in range(len(moved)):
            for j in range(i):
                is_quiet &= not _push(moved, j, i)
        if is_quiet:
            break
    return moved


def _push(points: list[tuple[float, float]], j: int, i: int) -> bool:
    (ax, ay), (bx, by) = points[j], points[i]
    distance = hypot(bx - ax, by - ay)
    if distance >= _APART:
        return False
    if distance < 1:
        turn = 2 * pi * (i * 0.381966)  # two at one place part in a direction of their own
        dx, dy = cos(turn), sin(turn)
    else:
        dx, dy = (bx - ax) / distance, (by - ay) / distance
    step = (_APART - distance) / 2 + 0.5
    points[j] = _inside(ax - dx * step, ay - dy * step)
    points[i] = _inside(bx + dx * step, by + dy * step)
    return True


def _inside(x: float, y: float) -> tuple[float, float]:
    edge = _MARGIN / 2
    return min(max(x, edge), WIDTH - edge), min(max(y, edge), HEIGHT - edge)
