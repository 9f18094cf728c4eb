"""The navigation of the members' web, in one visible place: add a page here and it is in the menu."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Item:
    """`word`: key of the catalogue. `members`: None for everybody, else only (not) signed in."""

    path: str
    word: str
    picture: str
    members: bool | None = None

    def is_for(self, is_member: bool) -> bool:
        return self.members is None or self.members == is_member


NAVIGATION = (
    Item("/", "nav.points", "plug.svg"),
    Item("/me", "nav.me", "greencard.svg", members=True),
    Item("/me/reservations", "nav.reservations", "calendar.svg", members=True),
    Item("/me/charges", "nav.charges", "receipt.svg", members=True),
    Item("/help", "nav.help", "question.svg"),
    Item("/me/settings", "nav.settings", "wrench.svg", members=True),
)
