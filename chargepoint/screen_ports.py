"""What people who help from afar may see of the screen, and ask of it. Implemented by app/screen_desk.py."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class SeenButton:
    """`label` empty: no kiosk has told its words."""

    id: str
    label: str
    is_enabled: bool


@dataclass(frozen=True, slots=True)
class SeenTab:
    """One connector in the header, with its state as the driver sees it."""

    connector: int
    state: str
    label: str


@dataclass(frozen=True, slots=True)
class SeenScreen:
    """Nothing private: no balance, no cost of somebody's charge, no code, no card.

    `title` and `texts` are empty while no kiosk is alive, or before it has told this screen.
    """

    screen: str
    connector: int
    language: str
    is_kiosk_alive: bool
    title: str = ""
    texts: tuple[str, ...] = ()
    buttons: tuple[SeenButton, ...] = ()
    tabs: tuple[SeenTab, ...] = ()
    reference: str = ""


class ScreenDoor(Protocol):
    def screen(self) -> SeenScreen | None:
        """None: nothing was ever shown."""
        ...

    def stay(self, seconds: float) -> None:
        """Whoever stands there is not timed out for so long: the question after more time answers itself."""
        ...
