"""What the screen says of a pause that is the station's, until when if a charging profile tells, and of
a charge that is slower than it could be.
"""

from chargepoint.domain.dialogue.context import Talk


def paused(talk: Talk) -> dict[str, str]:
    """`resumes`: the clock of the place at the expected end, as HH:MM; empty when nobody knows."""
    resumes_at = talk.data.point.data.resumes_at
    if resumes_at is None:
        return {"resumes": ""}
    # A card's own tariff need not know where it is used: the public one does.
    return {"resumes": talk.settings.tariff.local(resumes_at).strftime("%H:%M")}


def reduced(talk: Talk) -> dict[str, bool]:
    """`warm`: the charging board gives less, because of its temperature."""
    return {"warm": talk.data.point.data.derating.limit is not None}
