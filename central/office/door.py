"""The door of the operator's pages: the operator's own check, then the visit with its language and form.

Who acts is said in each form (`by`) and kept in the trail; with a password it is the name given there.
"""

import base64
import binascii
import re
from collections.abc import Awaitable, Callable

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from central import forms
from central.members.pages import Pages, Visit
from central.office.operators import OperatorsOnly

Handler = Callable[[Visit], Awaitable[Response]]


class OfficeDoor:
    def __init__(self, pages: Pages, operators: OperatorsOnly) -> None:
        self._pages = pages
        self._operators = operators

    def route(self, path: str, handler: Handler) -> BaseRoute:
        endpoint = self._operators(self._pages.door(handler))
        return Route(path, endpoint, methods=["GET", "POST"])


def who(visit: Visit) -> str:
    """Of the password's header; empty where this machine needs none."""
    kind, _, credentials = visit.request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        return ""
    try:
        told = base64.b64decode(credentials, validate=True).partition(b":")[0]
    except binascii.Error:
        return ""
    name = told.decode("utf-8", "replace").strip()
    return name if name.isprintable() and len(name) <= 60 else ""


def by(visit: Visit) -> str | None:
    """Who answers for what this form does; None, and said in the form, when nobody does."""
    return who(visit) or visit.form.read("by", _person)


def reason(visit: Visit) -> str | None:
    return visit.form.read("reason", _reason)


def _person(text: str) -> str:
    name = text.strip()
    if not 1 <= len(name) <= 60 or not name.isprintable():
        raise forms.Wrong("wrong.by")
    return name


def _reason(text: str) -> str:
    line = " ".join(text.split())
    if not 3 <= len(line) <= 200 or not line.isprintable():
        raise forms.Wrong("wrong.reason")
    return line


def euros(text: str) -> int:
    """A sum with its sign, at most two decimals, comma or point."""
    found = re.fullmatch("([+\\-\N{MINUS SIGN}]?)([0-9]{1,6})(?:[.,]([0-9]{1,2}))?", text.strip())
    if found is None:
        raise forms.Wrong("wrong.amount")
    minor = int(found[2]) * 100 + int((found[3] or "0").ljust(2, "0"))
    return -minor if found[1] in ("-", "\N{MINUS SIGN}") else minor
