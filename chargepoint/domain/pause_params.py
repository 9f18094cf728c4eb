"""What the screen says of a pause that is the station's: until when, if a charging profile tells."""

from chargepoint.domain.dialogue_context import Talk


def paused(talk: Talk) -> dict[str, str]:
    """`resumes`: the clock of the place at the expected end, as HH:MM; empty when nobody knows."""
    data = talk.data.point.data
    if data.session is None or data.resumes_at is None:
        return {"resumes": ""}
    return {"resumes": data.session.order.tariff.local(data.resumes_at).strftime("%H:%M")}
