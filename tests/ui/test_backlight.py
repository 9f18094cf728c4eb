"""As bright as the hour asks and the sun needs; a machine without a backlight is left alone."""

from pathlib import Path

import pytest

from ui.backlight import Backlight, percent_for


def a_panel(folder: Path, most: int = 255) -> Path:
    panel = folder / "backlight" / "panel"
    panel.mkdir(parents=True)
    (panel / "max_brightness").write_text(f"{most}\n")
    (panel / "brightness").write_text(f"{most}\n")
    return panel


def a_backlight(folder: Path) -> Backlight:
    return Backlight(folder / "backlight", folder / "iio")


def brightness(panel: Path) -> int:
    return int((panel / "brightness").read_text())


def test_hour_that_asks_for_less_dims_the_panel(tmp_path: Path) -> None:
    panel = a_panel(tmp_path)
    light = a_backlight(tmp_path)
    light.follow(40, 0.0)
    assert brightness(panel) == 102
    light.follow(100, 1.0)
    assert brightness(panel) == 102, "it looks every two seconds"
    light.follow(100, 2.0)
    assert brightness(panel) == 255


def test_panel_never_goes_dark(tmp_path: Path) -> None:
    panel = a_panel(tmp_path, most=10)
    a_backlight(tmp_path).follow(0, 0.0)
    assert brightness(panel) == 1


def test_sensor_in_the_sun_wins_over_the_hour(tmp_path: Path) -> None:
    panel = a_panel(tmp_path)
    sensor = tmp_path / "iio" / "device0"
    sensor.mkdir(parents=True)
    (sensor / "in_illuminance_input").write_text("40000\n")
    light = a_backlight(tmp_path)
    light.follow(40, 0.0)
    assert brightness(panel) == 255
    (sensor / "in_illuminance_input").write_text("nonsense")
    light.follow(40, 2.0)
    assert brightness(panel) == 102


def test_panel_that_refuses_is_told_once_and_left_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    panel = a_panel(tmp_path)
    (panel / "max_brightness").write_text("bright")
    light = a_backlight(tmp_path)
    for second in range(0, 20, 2):
        light.follow(40 + second, float(second))
    assert [each.message for each in caplog.records] == ["backlight stays"]
    assert brightness(panel) == 255


def test_machine_without_a_backlight_is_no_trouble(tmp_path: Path) -> None:
    a_backlight(tmp_path).follow(40, 0.0)


@pytest.mark.parametrize(
    ("asked", "lux", "percent"),
    [
        (40, None, 40),
        (40, 0, 40),
        (40, 50, 40),
        (40, 2_525, 70),
        (40, 5_000, 100),
        (40, 90_000, 100),
    ],
)
def test_light_rises_evenly_from_room_to_sun(asked: int, lux: int | None, percent: int) -> None:
    assert percent_for(asked, lux) == percent
