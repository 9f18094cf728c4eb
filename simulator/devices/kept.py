"""What a money device has kept since its power came, and which of its events told so."""

WRAP = 255  # after 255 comes 1


class Kept:
    def __init__(self) -> None:
        self._events = 0
        self._pieces: list[tuple[int, int]] = []

    def event(self) -> None:
        self._events += 1

    def piece(self, value_minor: int) -> None:
        """The last event was this."""
        self._pieces.append((self._events, value_minor))

    def since(self, counter: int) -> list[int]:
        """After the newest event with this count; 0: all."""
        told = self._events - (self._events - counter) % WRAP if counter else 0
        return [value for event, value in self._pieces if event > told]
