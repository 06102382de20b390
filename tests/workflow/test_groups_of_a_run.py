"""What a run says of its groups agrees with what it says of their cells."""

from __future__ import annotations

import math
from pathlib import Path
from statistics import fmean

import pytest
from runs import N_CELLS, table


def test_every_cell_has_a_line_for_every_quantity(finished: Path) -> None:
    rows = table(finished, "cells")
    assert len({(row["cell"], row["quantity"]) for row in rows}) == len(rows) == 3 * N_CELLS
    fits = {row["cell"]: row for row in table(finished, "fits")}
    for row in rows:
        assert row["value"] == fits[row["cell"]][row["quantity"]]


def test_the_means_are_those_of_the_cells(finished: Path) -> None:
    cells = table(finished, "cells")
    groups = [row for row in table(finished, "groups") if not row["quantity"].startswith("P_")]
    assert {row["condition"] for row in groups} == {"selective", "nonselective"}
    for group in groups:
        same = ("condition", "quantity")
        values = [float(c["value"]) for c in cells if all(c[key] == group[key] for key in same)]
        assert int(group["n_cells"]) == len(values)
        assert float(group["mean"]) == pytest.approx(fmean(values), rel=1e-6)
        assert bool(group["reason"]) == (len(values) == 1)


def test_the_ratios_are_averaged_as_logarithms(finished: Path) -> None:
    conditions = {row["cell"]: row["condition"] for row in table(finished, "cells")}
    ratios = table(finished, "permeability")
    groups = [row for row in table(finished, "groups") if row["quantity"] == "P_Na/P_K"]
    assert len(groups) == 2
    for group in groups:
        logs = [
            math.log(float(row["ratio"]))
            for row in ratios
            if conditions[row["cell"]] == group["condition"]
        ]
        assert float(group["mean"]) == pytest.approx(math.exp(fmean(logs)), rel=1e-6)


def test_the_page_shows_every_cell(finished: Path) -> None:
    page = (finished / "reports/index.html").read_text(encoding="utf-8")
    assert 'id="groups"' in page
    for row in table(finished, "cells"):
        assert f'["{row["cell"]}"]' in page
