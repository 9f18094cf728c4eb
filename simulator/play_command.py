"""`python -m simulator play`: read the files, play each on a fresh station, say what failed."""

import argparse
import logging
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from simulator import site
from simulator.play import Announce
from simulator.play_options import OptionWrong, StationOptions, station_options
from simulator.report import Report, to_bytes
from simulator.scenario_file import Scenario, ScenarioWrong, Step, load
from simulator.station import StationDown

EXIT_OK, EXIT_FAILED, EXIT_WRONG = 0, 1, 2


def main(options: argparse.Namespace) -> int:
    logging.basicConfig(level=logging.ERROR, format="%(levelname)s %(name)s: %(message)s")
    try:
        station = station_options(options)
        scenarios = _loaded(options.files, station)
        play = _player(is_real=options.real_time)
        reports = [
            _played(_seeded(scenario, options.seed), station, play, quiet=options.quiet)
            for scenario in scenarios
        ]
    except (ScenarioWrong, OptionWrong) as error:
        _say(str(error))
        return EXIT_WRONG
    except StationDown as error:
        _say(str(error))
        return EXIT_FAILED
    if options.report is not None:
        options.report.write_bytes(to_bytes(reports))
    return EXIT_OK if all(report.passed for report in reports) else EXIT_FAILED


def _loaded(files: list[Path], station: StationOptions) -> list[Scenario]:
    """Every file is read before the first is played; every problem of every file is said."""
    scenarios, problems = [], []
    for path in files:
        try:
            scenario = load(path)
            site.check(scenario, station)
            scenarios.append(scenario)
        except ScenarioWrong as wrong:
            problems.append(str(wrong))
    if problems:
        raise OptionWrong("\n".join(problems))
    return scenarios


def _seeded(scenario: Scenario, seed: int | None) -> Scenario:
    return scenario if seed is None else replace(scenario, seed=seed)


Play = Callable[[Scenario, StationOptions, Announce], Report]


def _player(*, is_real: bool) -> Play:
    # The two worlds need different libraries; a virtual play does not wait for web servers.
    if is_real:
        from simulator.real_station import play_real  # noqa: PLC0415

        return play_real
    from simulator.virtual_station import play_virtual  # noqa: PLC0415

    return play_virtual


def _played(scenario: Scenario, station: StationOptions, play: Play, *, quiet: bool) -> Report:
    _say(f"{scenario.path}: {scenario.title}")

    def announce(now_s: float, step: Step) -> None:
        if not quiet and not step.tracks:
            _say(f"  {now_s:10.3f} s  line {step.line:<4} {step.shown}")

    report = play(scenario, station, announce)
    for failure in report.failures:
        where = f"{scenario.path}:{failure.line}: step {failure.step} failed"
        _say(f"{where}\n    expected  {failure.expected}\n    was       {failure.was}")
    verdict = "passed" if report.passed else "FAILED"
    took = "" if report.wall_s is None else f", {report.wall_s:.1f} s of real time"
    _say(f"{scenario.path}: {verdict} ({report.virtual_s:.1f} s{took})")
    return report


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
