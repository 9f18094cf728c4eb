"""The charge on the customer's own telephone: the QR code beside it. Pure."""

from chargepoint.domain.dialogue.context import Talk
from chargepoint.domain.money.invoice import session_page


def page(talk: Talk) -> dict[str, str]:
    """`qr`: where the phone follows this charge; empty where the central system has no pages.

    The code that stops the charge is not in it: who photographs the screen may look, and no more.
    """
    session = talk.data.point.session
    return {"qr": session_page(talk.settings.receipt, session.id) if session else ""}
