"""The fields of an editor for what an offer is called and says in each language."""

from central import forms
from central.forms import Form
from central.greencard.wording import LANGUAGES, Said

NAME_MAX, ABOUT_MAX = 120, 300


def about_line(text: str) -> str:
    return forms.line(0, ABOUT_MAX, "wrong.line")(text)


def read_words(form: Form) -> tuple[Said, ...]:
    """Errors are said at their fields."""
    name = forms.line(0, NAME_MAX, "wrong.line")
    found = (
        Said(
            code,
            form.read(f"name_{code}", name) or "",
            form.read(f"about_{code}", about_line) or "",
        )
        for code in LANGUAGES
    )
    return tuple(each for each in found if each.name or each.about)


def fields_of(words: tuple[Said, ...]) -> dict[str, str]:
    return {
        field: text
        for each in words
        for field, text in (
            (f"name_{each.language}", each.name),
            (f"about_{each.language}", each.about),
        )
    }
