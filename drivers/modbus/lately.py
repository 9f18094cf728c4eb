"""Answers of a moment ago: one that comes again, to another question, may be a duplicate of itself.

An answer to a reading says of which unit and how long it is, not of which register. What a register
holds may well be what another holds; so a second one is waited for, not insisted on.
"""

LATELY_S = 2.0
MOST = 32  # a line is asked for ten values a second


class Lately:
    def __init__(self) -> None:
        # When, by question, by answer; the newest answer is the last.
        self._asked: dict[bytes, dict[bytes, float]] = {}

    def note(self, now_s: float, question: bytes, answer: bytes) -> None:
        questions = self._asked.pop(answer, {})
        questions[question] = now_s
        self._asked[answer] = questions
        if len(self._asked) > MOST:
            del self._asked[next(iter(self._asked))]

    def has_other(self, now_s: float, question: bytes, answer: bytes) -> bool:
        """Whether the same was said to another question."""
        questions = self._asked.get(answer)
        if questions is None:
            return False
        return any(
            asked != question and now_s - at_s <= LATELY_S for asked, at_s in questions.items()
        )
