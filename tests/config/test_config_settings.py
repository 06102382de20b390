"""config.yaml: defaults, bounds, and what is said about a mistake."""

import json

import pytest

from permeant.config import Settings, settings_schema, sheet_schema
from permeant.errors import ProjectError


def test_defaults():
    settings = Settings()
    assert settings.output == "reports"
    assert settings.batch_size == 250
    assert settings.steady_state.mains_hz == 50
    assert settings.corrections.junction_potential == "henderson"
    assert settings.permeability.draws == 10_000
    assert settings.quality.r_s_limit_mohm == 20.0
    assert settings.changed() == {}


def test_no_file_means_all_defaults(folder):
    assert folder.load().settings == Settings()


@pytest.mark.parametrize("content", ["", "# nothing\n", "quality:\nreport:\n  title:\n"])
def test_what_is_empty_means_default(folder, content):
    assert folder.yaml(content).load().settings == Settings()


def test_changed_names_what_differs():
    settings = Settings.model_validate(
        {
            "batch_size": 250,
            "quality": {"r_s_limit_mohm": 30, "noise_limit_pa": 50},
            "permeability": {"permeant": ["Na"], "fixed": {"Na": 1}},
            "ions": {"Foo": {"valence": 1}},
        }
    )
    assert settings.changed() == {
        "quality.r_s_limit_mohm": 30.0,
        "permeability.permeant": ["Na"],
        "permeability.fixed": {"Na": 1.0},
        "ions": {"Foo": {"valence": 1, "relative_mobility": None}},
    }


def test_settings_go_through_plain_dictionaries_and_json():
    settings = Settings.model_validate(
        {
            "protocols": {
                "iv": {
                    "holding_mv": -80,
                    "epochs": [
                        {"level_mv": -100, "level_step_mv": 10, "duration_ms": 200},
                        {"type": "ramp", "level_mv": 50, "duration_ms": 100},
                    ],
                }
            },
            "permeability": {"permeant": ["Na", "K"], "reference": "K"},
            "defaults": {"epoch": 2, "temperature_c": 22},
        }
    )
    plain = settings.model_dump()
    assert Settings.model_validate(plain) == settings
    assert Settings.model_validate(json.loads(json.dumps(plain))) == settings


def test_settings_are_frozen():
    with pytest.raises(ValueError, match="frozen"):
        Settings().batch_size = 3  # type: ignore[misc]


@pytest.mark.parametrize("schema", [settings_schema(), sheet_schema()])
def test_schemas_are_plain_json_and_describe_every_key(schema):
    schema = json.loads(json.dumps(schema))
    parts = [schema, *schema.get("$defs", {}).values()]
    for part in parts:
        assert part["additionalProperties"] is False
        for key, field in part["properties"].items():
            assert field.get("description") or "$ref" in field, key


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("qualty: {}", "line 1: qualty is no known key of the top level. Did you mean 'quality'?"),
        (
            "quality:\n  r_s_limit: 5",
            "line 2: quality.r_s_limit is no known key of quality. Did you mean 'r_s_limit_mohm'",
        ),
        ("fit: {mains_hz: 50}", "fit.mains_hz is no known key of fit. It belongs in steady_state:"),
        ("quality: {noise_limit_pa: '50'}", "is text, not a number; write 50 without quotes"),
        ("quality: {noise_limit_pa: 50 pA}", "; write 50 alone (the unit is in the key's name)"),
        ("quality: {noise_limit_pa: yes}", "quality.noise_limit_pa = true is not a number"),
        ("quality: {noise_limit_pa: .inf}", "noise_limit_pa = inf is not a finite number"),
        ("quality: {noise_limit_pa: [1]}", "noise_limit_pa = [1] is not a number"),
        ("quality: {noise_limit_pa: 0}", "noise_limit_pa = 0 is outside 0…100000 (above 0)"),
        ("quality: 3", "quality = 3 is not a section of key: value lines"),
        ("quality: [a]", "quality = ['a'] is not a section of key: value lines"),
        ("steady_state: {guard_ms: 1e-3}", "is text, not a number; write 0.001 without quotes"),
        ("steady_state: {mains_hz: 55}", "steady_state.mains_hz = 55 is not one of 50, 60, 0."),
        ("steady_state: {mains_hz: no}", "steady_state.mains_hz = false is not a number"),
        (
            "steady_state: {max_fraction: 50}",
            "max_fraction = 50 is outside 0…1 (above 0); is it in percent? write 0.5",
        ),
        ("steady_state: {min_fraction: 0.6}", "min_fraction = 0.6 is above max_fraction = 0.5"),
        ("batch_size: 2.5", "batch_size = 2.5 is not a whole number"),
        ("batch_size: true", "batch_size = true is not a whole number"),
        ("batch_size: 5001", "batch_size = 5001 is outside 1…5000"),
        ("report: {title: 5}", "report.title = 5 is not text; put it in quotes"),
        ("report: {self_contained: 1}", "report.self_contained = 1 is neither yes nor no"),
        (
            "corrections: {junction_potential: hendersn}",
            "is not one of henderson, none. Did you mean 'henderson'?",
        ),
        ("corrections: {leak: linear}", "corrections.leak = linear is none of the ways: 'ramp'"),
        ("corrections: {leak: off}", "corrections.leak = false is not one of none, ramp, range."),
        ("corrections: {leak: range}", "leak = range needs leak_range_mv"),
        ("corrections: {leak_range_mv: [-80, -110]}", "leak_range_mv = [-80, -110] does not rise"),
        ("corrections: {leak_range_mv: [-800, -110]}", "leak_range_mv[1] = -800 is outside -300"),
        ("output: ..", "output = .. lies outside the project folder"),
        ("output: /tmp/x", "output = /tmp/x lies outside the project folder"),
        ("output: .", "output = . would mix the reports with the project's own files"),
        ("output: config", "output = config would mix the reports"),
        ("output: 'a{b}'", "contains '{'"),
        ("recordings: ' '", "is empty; name a file"),
        ("defaults: {temperature_c: 295}", "defaults.temperature_c = 295 is outside -5…60; is it"),
        ("defaults: {cell: x}", "defaults.cell is no known key of defaults."),
        ("defaults: {bath: ACFS}", "defaults.bath = ACFS is not in config/solutions.csv. Did you"),
        ("defaults: {protocol: iv}", "defaults.protocol = iv is no entry of protocols:"),
        ("ions: {X: {valence: 0}}", "ions.X: valence = 0 is no ion"),
        ("ions: {X: {valence: 1.0}}", "ions.X.valence = 1 is not a whole number"),
        ("ions: {X: {}}", "ions.X.valence is missing; needed: Charge number"),
        ("ions: {no: {valence: 1}}", "ions: the name false is not text; put it in quotes"),
        ("ions: {note: {valence: 1}}", "ions.note cannot name an ion"),
        ("1: 2", "the name 1 is not text; put it in quotes"),
        ("protocols: {p: {holding_mv: 0}}", "protocols.p.epochs is missing"),
        ("protocols: {p: {holding_mv: 0, epochs: []}}", "protocols.p.epochs is empty"),
        (
            "protocols: {p: {holding_mv: 0, epochs: [{level_mv: 0}]}}",
            "protocols.p.epochs[1].duration_ms is missing",
        ),
        ("permeability: {permeant: Na}", "permeability.permeant = Na is not a list; write [a, b"),
        ("permeability: {permeant: [Naa]}", "permeant: Naa is no known ion. Did you mean 'Na'"),
        ("permeability: {permeant: [glucose]}", "permeant: glucose is uncharged"),
        ("permeability: {permeant: [Na, sodium]}", "names Na more than once"),
        ("permeability: {permeant: [Na], reference: K}", "reference = K is not in permeant: [Na]"),
        ("permeability: {permeant: [Na], fixed: {K: 1}}", "fixed: K is not in permeant: [Na]"),
        (
            "permeability: {permeant: [Na, K], reference: K, fixed: {K+: 1}}",
            "fixed: K is the reference, its ratio is 1 by definition",
        ),
        ("permeability: {permeant: [K], fixed: {K: -1}}", "fixed.K = -1 is outside 0 and more"),
        ("permeability: {permeant: [K], fixed: {K: 1, K+: 2}}", "fixed names one ion in two"),
        ("permeability: {activities: davis}", "Did you mean 'davies'?"),
        ("figures: [svg, eps]", "holds 'eps', which is none of pdf, svg, png; write figures: [svg"),
        ("figures: eps", "figures = eps is none of pdf, svg, png; write figures: [svg, pdf]"),
        ("figures: yes", "figures = true is not a list of formats; write some of pdf, svg, png"),
        ("- a\n- b\n", "is not a list of key: value lines"),
        ("a: b: c", "line 1: a second ':' in one line"),
        ("fit:\n\tmin_points: 5", "line 2: a tab; YAML wants spaces"),
        ("fit: [", "check the indentation, the colons and the quotes around this line"),
        ("when: 2024-99-99", "cannot be read as YAML: "),
        ("fit: " + "[" * 3000, "nested too deeply"),
        (
            "fit:\n  min_points: 5\n  min_points: 6",
            "line 3: fit.min_points is written a second time (first on line 2)",
        ),
    ],
)
def test_a_mistake_is_one_sentence(folder, content, said):
    mistake = folder.yaml(content).mistake()
    assert mistake.startswith("config/config.yaml")
    assert said in mistake


def test_the_sentence_has_the_line(folder):
    folder.yaml("# first\nquality:\n  # third\n  noise_limit_pa: -1\n")
    assert folder.mistake().startswith("config/config.yaml line 4: quality.noise_limit_pa = -1 is")


def test_permeability_is_written_in_canonical_names(folder):
    folder.yaml("permeability: {permeant: [Na+, potassium], reference: K+, fixed: {sodium: 0.1}}")
    section = folder.load().settings.permeability
    assert section.permeant == ("Na", "K")
    assert section.reference == "K"
    assert section.fixed == {"Na": 0.1}


def test_a_permeant_ion_in_no_solution_is_said(folder):
    folder.yaml("permeability: {permeant: [Na, Cs]}")
    (warning,) = folder.load().warnings
    assert warning.startswith("permeability.permeant: Cs is in none of the solutions")


def test_defaults_fill_empty_cells(folder):
    folder.sheet("cell,file,temperature_c,exclude\nc1,a.abf,,\nc2,b.abf,30,no\n")
    folder.yaml("defaults: {temperature_c: 22, exclude: yes, epoch: 2, bath: ACSF, measure: Peak}")
    first, second = folder.load().rows
    assert (first.temperature_c, first.exclude, first.epoch) == (22.0, True, "2")
    assert (second.temperature_c, second.exclude, second.bath) == (30.0, False, "ACSF")
    assert (first.measure, first.zeroed_in) == ("peak", "ACSF")


def test_a_default_control_is_not_subtracted_from_itself(folder):
    folder.sheet("cell,file\nc1,control.abf\nc1,drug.abf\n")
    folder.yaml("defaults: {subtract: control}")
    assert [row.subtract for row in folder.load().rows] == [None, "control"]


def test_a_default_takes_part_in_the_checks_of_a_row(folder):
    folder.row(ljp_mv="5").yaml("defaults: {ljp_applied: yes}")
    assert "would correct for the junction potential twice" in folder.mistake()


def test_a_mapping_stands_for_the_file(folder):
    project = folder.load({"quality": {"noise_limit_pa": 7}})
    assert project.settings.changed() == {"quality.noise_limit_pa": 7.0}


def test_a_mapping_is_told_the_line_of_the_file_it_came_from(folder):
    folder.yaml("batch_size: 0\nquality:\n  noise_limit_pa: 5\n")
    file, other = folder.mistakes({"batch_size": 0, "quality": {"noise_limit_pa": -1}})
    assert file.startswith("config/config.yaml line 1: batch_size = 0")
    assert other.startswith("config: quality.noise_limit_pa = -1")


def test_a_key_written_twice_is_seen_behind_a_mapping(folder):
    folder.yaml("batch_size: 1\nbatch_size: 2\n")
    assert "batch_size is written a second time" in folder.mistake({"batch_size": 2})


@pytest.mark.parametrize(
    "content",
    [
        "permeability: {permeant: &a [*a]}",
        "protocols: &a {p: *a}",
        "batch_size: 0x" + "f" * 6000,
        "recordings: " + "x" * 5000,
        "solutions: " + "x" * 5000,
        'recordings: "a\\0b"',
        'report: {title: "\\ud800"}',
        "fit: !!python/object:os.system x",
        "? [1, 2]\n: 3",
        "--- a\n--- b",
        "report: {title: !!binary aGk=}",
        "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 60)),
    ],
)
def test_odd_yaml_is_refused_quickly(folder, content):
    assert all(len(mistake) < 12_000 for mistake in folder.yaml(content).mistakes())


def test_stand_ins_of_activities_are_checked(folder):
    project = folder.yaml(
        "permeability:\n  activities: pitzer\n  activity_substitutes: {HEPES: chloride, NMDG+: K}\n"
    ).load()
    assert project.settings.permeability.activity_substitutes == {"HEPES": "Cl", "NMDG": "K"}


@pytest.mark.parametrize(
    ("pair", "said"),
    [
        ("{HEPES: Na}", "an ion of valence +1 stand in for one of -1"),
        ("{HEPES: HEPES}", "stand in for itself"),
        ("{HEPES: Chlor}", "is no known ion"),
    ],
)
def test_a_stand_in_of_another_kind_is_refused(folder, pair, said):
    with pytest.raises(ProjectError) as trouble:
        folder.yaml(f"permeability:\n  activity_substitutes: {pair}\n").load()
    assert said in str(trouble.value)


@pytest.mark.parametrize(
    ("content", "formats"),
    [
        ("figures:", ()),
        ("figures: []", ()),
        ("figures: svg", ("svg",)),
        ("figures: [pdf, svg, pdf]", ("pdf", "svg")),
    ],
)
def test_figures_are_a_list_of_formats(folder, content, formats):
    pytest.importorskip("matplotlib")
    assert folder.yaml(content).load().settings.figures == formats


def test_figures_that_cannot_be_drawn_are_refused_before_anything_runs(folder, monkeypatch):
    monkeypatch.setattr("permeant.config.sections.find_spec", lambda _: None)
    said = folder.yaml("figures: [svg]").mistake()
    assert 'needs matplotlib, which is not installed: pip install "permeant[figures]"' in said
    assert folder.yaml("figures: []").load().settings.figures == ()
