"""The three files together."""

import pytest

from permeant.config import load_project
from permeant.errors import ProjectError


def test_all_mistakes_of_all_files_are_reported_at_once(folder):
    folder.yaml("batch_size: 0\nquality:\n  noise: 3\n  r_s_limit_mohm: -1\n")
    folder.solutions("solution,Na,Cl\nKgluc,1,-1\nACSF,150,\n")
    folder.sheet("cell,file,bath,temperature_c\nc1,a.abf,ACSF,295\nc 2,b.abf,ACFS,22\n")
    mistakes = folder.mistakes()
    starts = [mistake.split(": ")[0] for mistake in mistakes]
    assert starts == [
        "config/config.yaml line 1",
        "config/config.yaml line 3",
        "config/config.yaml line 4",
        "config/solutions.csv row 2 (solution Kgluc)",
        "config/solutions.csv row 3 (solution ACSF)",
        "config/recordings.csv row 2 (cell c1)",
        "config/recordings.csv row 3 (cell c 2)",
        "config/recordings.csv row 3 (cell c 2)",
    ]
    assert "temperature_c = 295 is outside -5…60; is it in kelvin?" in mistakes[5]


def test_the_error_counts_and_lists(folder):
    with pytest.raises(ProjectError, match=r"^2 mistakes in the project; nothing was run:\n  - c"):
        folder.row(cell="a b", epoch="x").load()


def test_broken_yaml_does_not_hide_the_sheets(folder):
    folder.yaml("a: b: c").row(temperature_c="x", protocol="iv")
    yaml, sheet = folder.mistakes()
    assert yaml.startswith("config/config.yaml line 1")
    assert "temperature_c = x is not a number" in sheet


def test_sound_settings_count_beside_refused_ones(folder):
    folder.yaml("recordings: here.csv\nbatch_size: 0\ndefaults: {temperature_c: 20, bathh: 1}\n")
    (folder.path / "here.csv").write_text("cell,file\nc 1,a.abf\n")
    assert any(m.startswith("here.csv row 2 (cell c 1)") for m in folder.mistakes())


def test_other_places(folder):
    (folder.path / "meta").mkdir()
    (folder.path / "config/recordings.csv").rename(folder.path / "meta/sheet.csv")
    project = folder.load({"recordings": "meta/sheet.csv", "output": "./out/"})
    assert len(project.rows) == 2
    assert project.settings.output == "out"


def test_not_a_folder(tmp_path):
    with pytest.raises(ProjectError, match="nowhere is not a folder"):
        load_project(tmp_path / "nowhere")
