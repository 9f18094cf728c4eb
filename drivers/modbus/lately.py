"""Answers of a moment ago: one that comes again, to another question, may be a duplicate of itself.

An answer to a reading says of which unit and how long it is, not of which register. What a register
holds may well be what another holds; so a second one is waited for, not insisted on.
"""

from collections import deque

LATELY_S = 2.0
MOST = 32  # a line is asked for ten values a second


class Lately:
    def __init__(self) -> None:
        self._answers: deque[tuple[float, bytes, bytes]] = deque(maxlen=MOST)

    def note(self, now_s: float, question: bytes, answer: bytes) -> None:
        self._answers.append((now_s, question, answer))

    def has_other(self, now_s: float, question: bytes, answer: bytes) -> bool:
        """Whether the same was said to another question."""
        return any(
            answer == said and question != asked and now_s - at_s <= LATELY_S
            for at_s, asked, said in self._answers
        )
