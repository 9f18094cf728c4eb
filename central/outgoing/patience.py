"""How long a message is tried, and how often. Pure."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Patience:
    """`lasts`: from when it was written until it is worth nothing. `refusals_most`: of the message itself,
    after which it is given up; they may be a mistake of the other side's that somebody mends.
    """

    first: timedelta
    longest: timedelta
    lasts: timedelta
    refusals_most: int = 3

    def wait(self, tries: int, asked_for: timedelta = timedelta()) -> timedelta:
        """Until the next try, twice as long each time; at least what the other side `asked_for`."""
        doubled = self.first * (1 << min(tries - 1, 20))
        return max(min(doubled, self.longest), min(asked_for, self.lasts))


# A smart host keeps trying by itself once it has the mail; a link in one is good for a day or less.
FOR_MAIL = Patience(timedelta(minutes=1), timedelta(hours=1), timedelta(days=2))
# News of a charge that runs.
FOR_PUSH = Patience(timedelta(seconds=15), timedelta(minutes=5), timedelta(hours=1))
