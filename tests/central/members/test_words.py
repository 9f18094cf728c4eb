"""The words of the pages: one voice, the kiosk's."""

import re

from central.members.language import catalogue

_FAMILIAR = re.compile(
    r"\b(tu|tus|tuy[oa]s?|te|ti|contigo|tienes|puedes|podrás|quieres|eres|estás|has|verás|pagas|llegas"
    r"|viniste|elige|(?<!se )escribe|pulsa|toca|teclea|activa antes|cancela:|llega antes|envíala|ofrecedme)\b",
    re.IGNORECASE,
)


def test_spanish_when_it_speaks_to_somebody_then_as_politely_as_the_kiosk() -> None:
    words = catalogue("es")
    assert [key for key, text in words.items() if _FAMILIAR.search(text)] == []
