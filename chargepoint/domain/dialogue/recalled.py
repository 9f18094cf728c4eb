"""What a card recalls of its holder: language and easy mode, for as long as the holder is here."""

from chargepoint.domain.dialogue.context import Talk
from chargepoint.domain.money.account import TokenAnswer


def recall(talk: Talk, answer: TokenAnswer) -> None:
    """Whoever holds the card need not choose again; a language that is not here changes nothing."""
    account = answer.account
    if account is None:
        return
    if account.language in talk.settings.languages and account.language != talk.data.language:
        before = talk.data.lent_from or talk.data.language
        talk.set(language=account.language, lent_from=before)
    if account.easy:
        talk.set(easy=True)


def give_back(talk: Talk) -> None:
    """The next driver reads what the one before the card's holder read."""
    if talk.data.lent_from:
        talk.set(language=talk.data.lent_from, lent_from="")
