"""Where the tactile keys are on a screen: on its title, or on one of its buttons.

The order is that of the buttons in the view, which is the order in which they are spoken. The focus
is the kiosk's alone: it starts at the title of each new screen and dies with the process.
"""

from ui.view import Control, View


class Focus:
    def __init__(self) -> None:
        self._id = ""

    @property
    def id(self) -> str:
        """The button it is on; empty: the title."""
        return self._id

    def to_title(self) -> None:
        self._id = ""

    def control(self, view: View) -> Control | None:
        """The button it is on, if that is still there."""
        return next((item for item in view.controls if item.id == self._id), None)

    def move(self, view: View, step: int) -> Control | None:
        """One further or back, around and through the title; what cannot be chosen is visited too."""
        stops = ["", *(item.id for item in view.controls)]
        place = stops.index(self._id) if self._id in stops else 0
        self._id = stops[(place + step) % len(stops)]
        return self.control(view)
