"""What a technician reads of the link: which frames came and went, and no word of what was in them."""

from datetime import timedelta

from chargepoint.link_facts import link_facts
from chargepoint.ocpp.backend16 import LinkReport
from chargepoint.ocpp.wire_trace import KEPT_FRAMES, WireTrace
from chargepoint.ports import LinkState
from simulator.vtime import START_OF_TIME, VirtualClock, run_virtual


def a_trace(*frames: tuple[str, str]) -> list[str]:
    async def story() -> list[str]:
        trace = WireTrace(VirtualClock())
        for direction, text in frames:
            trace.observe(direction, text)
        return [words for _, words in trace.newest_first()]

    return run_virtual(story())


def test_answers_are_told_by_the_action_they_answer() -> None:
    assert a_trace(
        ("sent", '[2,"1","Authorize",{"idTag":"SECRET"}]'),
        ("received", '[2,"1","Reset",{"type":"Soft"}]'),
        ("received", '[3,"1",{"idTagInfo":{"status":"Accepted"}}]'),
        ("sent", '[3,"1",{"status":"Accepted"}]'),
        ("sent", '[2,"2","StartTransaction",{}]'),
        ("received", '[4,"2","InternalError","",{}]'),
    ) == [
        "< StartTransaction InternalError",
        "> StartTransaction",
        "> Reset ok",
        "< Authorize ok",
        "< Reset",
        "> Authorize",
    ]


def test_what_is_no_frame_is_a_question_mark_and_only_the_newest_stay() -> None:
    noise = [("received", text) for text in ("", "[", "nonsense", "[3]", '{"idTag": "SECRET"}')]
    assert a_trace(*noise) == ["< ?"] * len(noise)
    many = [("sent", f'[2,"{number}","Heartbeat",{{}}]') for number in range(200)]
    assert a_trace(*many) == ["> Heartbeat"] * KEPT_FRAMES


def test_the_page_warns_of_a_certificate_that_ends_soon() -> None:
    async def story() -> None:
        clock = VirtualClock()
        trace = WireTrace(clock)
        trace.observe("sent", '[2,"1","Heartbeat",{}]')
        for days, mark in ((-1, "bad"), (10, "warn"), (400, "ok")):
            until = START_OF_TIME + timedelta(days=days)
            report = LinkReport(LinkState.OFFLINE, "HTTP 401", 2, True, until, until)
            facts = {fact.label: fact for fact in link_facts(report, trace, START_OF_TIME)}
            assert facts["link.server_until"].mark == facts["link.own_until"].mark == mark
            assert facts["link.trouble"].value == "HTTP 401"
            assert facts["link.second"].value == "link.yes"
            assert "> Heartbeat" in [fact.value for fact in facts.values()]
        plain = LinkReport(LinkState.ONLINE, "", 0, False)
        assert [f.label for f in link_facts(plain, WireTrace(clock), START_OF_TIME)] == [
            "link.profile"
        ]

    run_virtual(story())
