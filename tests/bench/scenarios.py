"""All scenarios of the calibration study, by name."""

from __future__ import annotations

import scenarios_nasty
import scenarios_none
import scenarios_ordinary
import scenarios_ratios
from scenarios_parts import Scenario

SCENARIOS: dict[str, Scenario] = {
    scenario.name: scenario
    for scenario in (
        *scenarios_ordinary.SCENARIOS,
        *scenarios_nasty.SCENARIOS,
        *scenarios_ratios.SCENARIOS,
        *scenarios_none.SCENARIOS,
    )
}
