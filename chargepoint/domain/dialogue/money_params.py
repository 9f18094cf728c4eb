"""What the screens of coins, notes, bank cards, vouchers and top-ups say. Pure."""

from chargepoint.domain.dialogue import actions as action
from chargepoint.domain.dialogue import amount_talk, cash_limits, change_talk, voucher_talk
from chargepoint.domain.dialogue.context import Params, Talk
from chargepoint.domain.dialogue.reservation_fee import least


def cash(talk: Talk) -> Params:
    data, topup = talk.data, talk.data.pay.topup
    tariff = talk.settings.tariff.at(talk.now.utc)
    return {
        "purpose": "topup" if topup else "charge",
        "credit_minor": topup.inserted if topup else data.here,
        "approx_wh": 0 if topup else action.approximate_energy(tariff, data.here),
        "minimum_minor": talk.settings.topup_min if topup else least(talk, talk.settings.tariff),
        "plugged": data.point.data.is_plugged,
        "change_ok": topup is not None or change_talk.gives_change(talk),
        "denominations": list(talk.settings.denominations),
        "notes": [int(value) for value in sorted(data.pay.notes_level)],
        "coins_left": cash_limits.coins_left(talk),
        "room_minor": cash_limits.room(talk),
        "last_minor": data.last_coin,
        "reason": data.reason,
    }


def owed(talk: Talk) -> Params:
    voucher = talk.data.pay.voucher
    if voucher is None:
        leaving = talk.data.leaving
        return {
            "amount_minor": change_talk.amount_owed(talk),
            "reference": leaving.code if leaving else "",
            "code": "",
            "qr": "",
            "expires": "",
        }
    return {
        "amount_minor": voucher.amount,
        "code": voucher.code,
        "qr": f"VOUCHER:{voucher.code}",
        "expires": voucher.expires,
    }


def change(talk: Talk) -> Params:
    pay = talk.data.pay
    owed = change_talk.amount_owed(talk)
    return {
        "amount_minor": owed,
        "paid_minor": pay.paid if pay.payout else 0,
        "paying": bool(pay.payout),
    }


def bank(talk: Talk) -> Params:
    topup, pay = talk.data.pay.topup, talk.data.pay
    return {
        "amount_minor": pay.asked,
        "purpose": "sale" if topup else "hold",
        "prompt": pay.prompt,
        "text": pay.prompt_text,
        "reason": talk.data.reason,
    }


def topup(talk: Talk) -> Params:
    topup = talk.data.pay.topup
    account = talk.data.answer.account if talk.data.answer else None
    limits = {"min_minor": talk.settings.topup_min, "max_minor": talk.settings.topup_max}
    if topup is None:
        return {**limits, "balance_minor": account.balance if account else -1}
    known = topup.balance is not None
    return {
        **limits,
        "amount_minor": topup.inserted or topup.wanted,
        "balance_minor": topup.balance if topup.balance is not None else -1,
        "queued": not known and not topup.refused,
        "refused": topup.refused,
        "number": topup.number,
        "qr": "" if topup.refused else topup.qr,
    }


def amount(talk: Talk) -> Params:
    return {
        "amount_minor": amount_talk.typed_amount(talk),
        "min_minor": talk.settings.topup_min,
        "max_minor": talk.settings.topup_max,
        "reason": talk.data.reason,
    }


def voucher(talk: Talk) -> Params:
    return {
        "typed": len(talk.data.typed),
        "length": voucher_talk.CODE_LENGTH,
        "online": talk.data.online,
        "recovered_minor": talk.data.pay.claimable,
        "locked_s": talk.seconds_until(talk.data.locked_until),
        "wrong": talk.data.wrong,
        "reason": talk.data.reason,
    }
