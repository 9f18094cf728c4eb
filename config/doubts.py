"""What is allowed in a configuration, and hardly meant: told, and no reason not to start."""

from config.schema import Config, tariff_findings


def warnings(config: Config) -> tuple[tuple[str, str, str], ...]:
    """Setting, what is doubtful about it, and the remedy: told by `python -m config check`."""
    told = [
        (f"tariff.{each.key}", each.text, each.remedy)
        for each in tariff_findings(config)
        if not each.is_error
    ]
    if config.bank.hold < config.session.minimum:
        text = f"{config.bank.hold} is held, and no charge begins below {config.session.minimum}"
        told.append(("bank.hold", text, "raise it to session.minimum; that much is held anyway"))
    limit = config.receipt.simplified_limit
    if config.receipt.mode == "kiosk" and config.bank.hold > limit:
        text = f"{config.bank.hold} may be charged, a simplified invoice ends at {limit}"
        told.append(("bank.hold", text, "lower it to receipt.simplified_limit"))
    if config.receipt.mode == "central" and not (config.receipt.nif and config.receipt.issuer):
        text = "invoices of the central system would name nobody who sold"
        told.append(("receipt.issuer", text, "set receipt.issuer and receipt.nif"))
    if config.receipt.mode == "kiosk" and config.cards.offline_limit > limit:
        text = f"{config.cards.offline_limit} may be charged, a simplified invoice ends at {limit}"
        told.append(("cards.offline_limit", text, "lower it to receipt.simplified_limit"))
    return tuple(told)
