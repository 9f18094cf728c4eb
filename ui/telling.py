"""The words of a screen for people who help from afar: title, texts and buttons, nothing private.

What `speech/privacy.py` would not say aloud is not told either; of a technician's screens the title is.
"""

import re

from chargepoint.contract import Shown, Snapshot
from ui.speech.privacy import PRIVATE_LABELS, is_private, secrets_of
from ui.text import Text
from ui.view import View

HIDDEN = "•••"
_MOST_LINES = 24
_MOST_LETTERS = 160
# Whatever else a screen may write: numbers of cards, codes and vouchers have five digits or more.
_LONG_NUMBER = re.compile(r"\d(?:[ \u00a0]?\d){4,}")


def shown_of(view: View, shot: Snapshot, text: Text) -> Shown:
    secrets = secrets_of(shot, text)
    is_service = shot.screen.startswith("t_")
    texts = [] if is_service else [_told(each, secrets) for each in view.texts]
    labels = [
        f"{control.id}\t{HIDDEN if control.id in PRIVATE_LABELS else _told(control.label, secrets)}"
        for control in ([] if is_service else view.controls)
    ]
    return Shown(
        shot.screen_seq,
        view.language,
        _told(view.title, secrets),
        "\n".join(texts[:_MOST_LINES]),
        "\n".join(labels[:_MOST_LINES]),
    )


def _told(words: str, secrets: frozenset[str]) -> str:
    if is_private(words, secrets):
        return HIDDEN
    line = " ".join(words.split())[:_MOST_LETTERS]
    return _LONG_NUMBER.sub(HIDDEN, line)
