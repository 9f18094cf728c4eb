"""Our reader of catalogues says what Babel's says, and refuses what it does not know."""

import io

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po as babels
from babel.messages.pofile import write_po
from hypothesis import given
from hypothesis import strategies as st

from ui.catalogue import LOCALE_DIR
from ui.po import PoError, read_po


def as_babel_reads(text: str) -> dict[str, str]:
    found = babels(io.StringIO(text), abort_invalid=True)
    return {str(each.id): str(each.string) for each in found if each.id and each.string}


@pytest.mark.parametrize(
    "path", sorted(LOCALE_DIR.glob("*/*.po")), ids=lambda p: f"{p.parent.name}/{p.stem}"
)
def test_every_catalogue_is_read_as_babel_reads_it(path) -> None:
    text = path.read_text(encoding="utf-8")
    assert read_po(text) == as_babel_reads(text) != {}


_WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")) | st.sampled_from("\n\t")
)


@given(st.dictionaries(_WORDS.filter(bool), _WORDS, max_size=8))
def test_whatever_babel_writes_is_read_back(messages: dict[str, str]) -> None:
    written = Catalog(locale="es")
    for key, words in messages.items():
        written.add(key, words)
    file = io.BytesIO()
    write_po(file, written, omit_header=True)
    assert read_po(file.getvalue().decode()) == {
        key: words for key, words in messages.items() if words
    }


@pytest.mark.parametrize(
    "text",
    [
        'msgid "a',
        "msgid a",
        '"lonely"',
        'msgctxt "menu"\nmsgid "a"',
        'msgid_plural "a"',
        "nonsense",
        "\xff\xfe",
    ],
)
def test_what_is_not_ours_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(PoError, match="line 1"):
        read_po(text)
