"""What the screen says of a pause that is the station's, until when if a charging profile tells, and of
a charge that is slower than it could be.
"""

from datetime import timedelta

from chargepoint.domain.dialogue.context import Talk

_LAST_OF_A_MINUTE = timedelta(seconds=59)  # times are whole seconds


def paused(talk: Talk) -> dict[str, str]:
    """`resumes`: the clock of the place at the expected end, as HH:MM, and not before it; empty when
    nobody knows.
    """
    resumes_at = talk.data.point.data.resumes_at
    if resumes_at is None:
        return {"resumes": ""}
    # A card's own tariff need not know where it is used: the public one does.
    minute = talk.settings.tariff.local(resumes_at + _LAST_OF_A_MINUTE)
    return {"resumes": minute.strftime("%H:%M")}


def reduced(talk: Talk) -> dict[str, bool]:
    """`warm`: the charging board gives less, because of its temperature."""
    return {"warm": talk.data.point.data.derating.limit is not None}
