"""What a card recalls: chosen on the profile, told to every point, gone with its member."""

import json
from typing import Any

import pytest

from tests.support.central import CARD
from tests.support.members import World, a_world


def account(world: World) -> dict[str, Any]:
    desk = world.system._office.desk
    asked = json.dumps({"cardNumber": CARD, "connectorId": 1})
    status, content = desk.answer("CP-1", "es.citere", "GreenCard.Account", asked)
    assert status == "Accepted"
    assert content is not None
    return content


def test_card_when_its_holder_chooses_then_every_point_is_told() -> None:
    world = a_world()
    world.system.registry.point("CP-7")
    with world.browser() as browser:
        world.member_with_card(browser)
        assert "preference" not in account(world)
        browser.open("/me/settings?lang=en")
        page = browser.send("/me/card/recalls", card_language="eu", easy="yes", favourite="CP-7")
        assert 'value="CP-7" selected' in page.text
        assert account(world)["preference"] == {"language": "eu", "easy": True}
        assert "Favourite point" in browser.open("/me?lang=en").text
        browser.open("/me/settings")
        browser.send("/me/card/recalls", card_language="", favourite="")
        assert "preference" not in account(world)


@pytest.mark.parametrize("wrong", [{"card_language": "xx"}, {"favourite": "CP-99"}])
def test_card_when_the_choice_is_none_then_nothing_changes(wrong: dict[str, str]) -> None:
    world = a_world()
    with world.browser() as browser:
        world.member_with_card(browser)
        browser.open("/me/settings")
        browser.send("/me/card/recalls", **({"card_language": "eu", "favourite": ""} | wrong))
        assert "preference" not in account(world)


def test_card_when_its_member_leaves_then_nothing_is_recalled() -> None:
    world = a_world()
    with world.browser() as browser:
        world.member_with_card(browser)
        browser.open("/me/settings")
        browser.send("/me/card/recalls", card_language="eu", favourite="")
        browser.open("/me/leave")
        browser.send("/me/leave", password="three green bicycles")
        assert "preference" not in account(world)
