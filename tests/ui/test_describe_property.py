"""Whatever the core says, there is a screen: describing and painting never fail."""

from hypothesis import given, settings
from hypothesis import strategies as st

from chargepoint.contract import Button, Snapshot, Station, Tab, decode, encode
from ui.app import Kiosk
from ui.buttons import STYLES
from ui.samples import ALL
from ui.screens import SCREENS

NAMES = sorted({name for shot in ALL.values() for name in shot.params})
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**12), 10**12),
    st.text(max_size=40),
    st.lists(st.integers(-10, 10**6), max_size=12),
    st.lists(st.text(max_size=5), max_size=3),
)
IDS = st.one_of(
    st.sampled_from([*STYLES, "lang_es", "lang_xx", "key_7", "connector_1", "connector_9"]),
    st.text(max_size=12),
)
BUTTONS = st.builds(Button, IDS, st.booleans(), st.sampled_from(["", "not_fitted", "{", "x" * 60]))
TABS = st.builds(
    Tab, st.integers(0, 5), st.sampled_from(["free", "charging", "out", "?"]), st.text(max_size=3)
)
SNAPSHOTS = st.builds(
    Snapshot,
    sequence=st.integers(0, 9),
    screen_seq=st.integers(0, 9),
    screen=st.one_of(st.sampled_from([*SCREENS, "more_time"]), st.text(max_size=10)),
    language=st.sampled_from(["es", "en", "xx", ""]),
    theme=st.sampled_from(["day", "night", "?"]),
    easy=st.booleans(),
    step=st.integers(-1, 6),
    clock=st.text(max_size=6),
    online=st.booleans(),
    params=st.dictionaries(st.sampled_from(NAMES), SCALARS, max_size=12),
    buttons=st.lists(BUTTONS, max_size=18, unique_by=lambda button: button.id).map(tuple),
    tabs=st.lists(TABS, max_size=4).map(tuple),
    station=st.builds(
        Station,
        name=st.text(max_size=6),
        currency=st.sampled_from(["EUR", "", "JPY", "XXX"]),
        languages=st.lists(st.sampled_from(["es", "en", "fr"]), max_size=3).map(tuple),
    ),
)
SIZES = st.sampled_from([(1024, 600), (800, 1280), (480, 320), (1920, 1080)])


@given(SNAPSHOTS, SNAPSHOTS, SIZES)
@settings(max_examples=60, deadline=None)
def test_every_snapshot_can_be_described_and_pressed(
    first: Snapshot, second: Snapshot, size: tuple[int, int]
) -> None:
    kiosk = Kiosk(size)
    for now_s, shot in enumerate((first, second)):
        kiosk.show(shot, float(now_s))
        tree = kiosk.tree()
        assert tree["id"] == shot.screen
        for button in tree["buttons"]:
            kiosk.press(button["id"], now_s + 0.9)


@given(SNAPSHOTS, st.sampled_from([(1024, 600), (800, 1280)]))
@settings(max_examples=12, deadline=None)
def test_every_snapshot_can_be_painted(shot: Snapshot, size: tuple[int, int]) -> None:
    kiosk = Kiosk(size)
    kiosk.show(shot, 0.0)
    assert kiosk.png()


@given(SNAPSHOTS)
@settings(max_examples=30, deadline=None)
def test_snapshots_survive_the_wire(shot: Snapshot) -> None:
    assert decode(encode(shot)) == shot
