"""Local Auth List Management, 2.17."""

from typing import Any

from tests.support.compliance import OTHER_TAG, TAG, Site, case


def entries(*tags: str) -> list[dict[str, Any]]:
    return [{"idTag": tag, "idTagInfo": {"status": "Accepted"}} for tag in tags]


async def send(site: Site, version: int, update: str, *tags: str) -> str:
    request: dict[str, Any] = {"listVersion": version, "updateType": update}
    if tags:
        request["localAuthorizationList"] = entries(*tags)
    return await site.ask("SendLocalList", **request)


async def version_of(site: Site) -> int:
    return int((await site.call("GetLocalListVersion"))["listVersion"])


@case()
async def test_tc_042_1_no_version_where_lists_are_switched_off(site: Site) -> None:
    await site.configure(LocalAuthListEnabled="false")
    assert await version_of(site) == -1


@case()
async def test_tc_042_2_an_empty_list_has_version_0(site: Site) -> None:
    await site.configure(LocalAuthListEnabled="true")
    assert await send(site, 1, "Full") == "Accepted"
    assert await version_of(site) == 0


@case()
async def test_tc_043_a_full_list_then_a_difference(site: Site) -> None:
    assert await send(site, 1, "Full", TAG) == "Accepted"
    assert await send(site, 2, "Differential", OTHER_TAG) == "Accepted"
    assert await version_of(site) == 2
    await site.configure(LocalPreAuthorize="true", AuthorizeRemoteTxRequests="true")
    await site.charging(1, TAG)
    await site.charging(2, OTHER_TAG)
    assert site.sent("Authorize") == []


@case()
async def test_tc_043_1_a_list_is_not_supported_where_lists_are_switched_off(site: Site) -> None:
    await site.configure(LocalAuthListEnabled="false")
    assert await send(site, 1, "Full", TAG) == "NotSupported"


@case()
async def test_tc_043_2_a_difference_does_not_go_back(site: Site) -> None:
    assert await send(site, 2, "Full", TAG) == "Accepted"
    assert await version_of(site) == 2
    assert await send(site, 5, "Differential", OTHER_TAG) == "Accepted"
    assert await version_of(site) == 5
    assert await send(site, 4, "Differential", TAG) == "VersionMismatch"
    assert await version_of(site) == 5


@case()
async def test_tc_043_3_a_list_that_cannot_be_kept_fails_whole(site: Site) -> None:
    assert await send(site, 1, "Full", OTHER_TAG) == "Accepted"
    assert await send(site, 2, "Full", TAG, TAG) == "Failed"
    assert await version_of(site) == 1


@case()
async def test_tc_008_a_listed_token_starts_without_being_asked_about(site: Site) -> None:
    await site.configure(
        LocalPreAuthorize="true",
        AuthorizationCacheEnabled="false",
        LocalAuthListEnabled="true",
        AuthorizeRemoteTxRequests="true",
    )
    assert await version_of(site) in {-1, 0}
    assert await send(site, 1, "Full", TAG) == "Accepted"
    await site.charging()
    assert site.sent("Authorize") == []
