"""Composition of what customers are told from afar, and may do: words, costs, their telephone. No logic."""

from collections.abc import Callable, Mapping

from chargepoint.app.cost_news import Ask, CostNews
from chargepoint.app.notice_board import NoticeBoard
from chargepoint.app.phone_desk import PhoneDesk
from chargepoint.app.point_actor import PointActor
from chargepoint.app.ports import Spawn
from chargepoint.app.screen_desk import ScreenDesk
from chargepoint.app.station_actor import StationActor
from chargepoint.domain.dialogue.events import Pressed
from chargepoint.domain.units import ConnectorId
from chargepoint.ports import Clock
from chargepoint.uilink.presence import Presence
from chargepoint.world import World


def notices_of(
    station: StationActor,
    world: World,
    points: Callable[[], Mapping[ConnectorId, PointActor]],
    *,
    ask: Ask,
    interval_s: Callable[[], int],
    spawn: Spawn,
) -> tuple[NoticeBoard, PhoneDesk]:
    board = NoticeBoard(world.journal, world.clock, points, station.publish_soon)
    news = CostNews(
        ask,
        world.journal.remote_id,
        interval_s,
        world.clock,
        spawn,
        has_page=bool(station.dialogue.settings.receipt.link),
    )
    station.noticed = (board.heard, news.heard)
    station.adorned = board.adorned
    return board, PhoneDesk(points, world.clock, watch=news.watch, incident=station.incident)


def screens_of(station: StationActor, clock: Clock, presence: Presence) -> ScreenDesk:
    """The screen as support sees it."""
    desk = ScreenDesk(
        lambda: station.feed.newest,
        lambda button, seq: station.post(Pressed(button, seq)),
        clock,
        is_kiosk_alive=lambda: presence.alive,
    )
    station.feed.subscribe(desk.heard)
    return desk
