"""The sheet of solutions: concentrations, charges, names."""

import pytest


def test_ions_are_stored_under_their_canonical_names(folder):
    folder.solutions(
        "Solution,Na+,calcium,cl-,glucose,note\nACSF,146,2,150,10,pH 7.4\nKgluc,,,,,\n"
    )
    project = folder.load()
    assert project.solutions["ACSF"].ions_mm == {"Na": 146.0, "Ca": 2.0, "Cl": 150.0}
    assert project.solutions["Kgluc"].ions_mm == {"Na": 0.0, "Ca": 0.0, "Cl": 0.0}
    assert project.warnings == (
        "config/solutions.csv row 3 (solution Kgluc): holds no ion; no potential can be computed "
        "with it",
    )


def test_a_german_sheet(folder):
    folder.solutions("solution;Na;Cl\r\nACSF;150,5;150,5\r\nKgluc;1,5;1,5\r\n".encode("cp1252"))
    assert folder.load().solutions["ACSF"].ions_mm == {"Na": 150.5, "Cl": 150.5}


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("ACSF,-1,2", "row 2 (solution ACSF): Na = -1 is negative; a concentration is 0 mM or"),
        ("ACSF,15 mM,2", "Na = 15 mM is not a number; write 15 alone (the unit"),
        ("ACSF,n.d.,2", "Na = n.d. is not a number"),
        ("ACSF,nan,2", "Na = nan is not a finite number"),
        ("ACSF,145000,145000", "Na = 145000 is outside 0…10000 mM; is it in µM?"),
        (",1,1", "row 2: solution is empty; name it as the recordings do"),
        ("ACSF,1,1\nACSF,2,2", "row 3 (solution ACSF): ACSF is already in row 2"),
        ("ACSF,1", "row 2 (solution ACSF): 2 fields under 3 columns"),
        ("ACSF,150,147.5", "residual +2.5 mM; allowed is 1.5 mM (2 mM and 1 %)"),
        ("ACSF,500,502.1", "residual -2.1 mM; allowed is 2 mM"),
        ("ACSF,15,15.3", "residual -0.3 mM; allowed is 0.153 mM"),
        ("ACSF,15,15.3", "name the ion that absorbs the residual in the column absorbed_by"),
    ],
)
def test_refused_rows(folder, rows, said):
    folder.row().solutions(f"solution,Na,Cl\n{rows}\n")
    assert any(said in mistake for mistake in folder.mistakes()), folder.mistakes()


def test_a_small_residual_is_left_as_it_is(folder):
    folder.row().solutions("solution,Na,Cl\nACSF,150,149\n")
    assert folder.load().solutions["ACSF"].ions_mm == {"Na": 150.0, "Cl": 149.0}


@pytest.mark.parametrize("absorber", ["Cl", "chloride"])
def test_the_named_ion_absorbs_the_residual(folder, absorber):
    folder.row().solutions(f"solution,Na,Ca,Cl,absorbed_by\nACSF,150,2,140,{absorber}\n")
    project = folder.load()
    assert project.solutions["ACSF"].ions_mm["Cl"] == 154.0
    assert project.warnings == (
        "config/solutions.csv row 2 (solution ACSF): Cl was adjusted from 140 to 154 mM so that "
        "the charges balance (absorbed_by)",
    )


def test_an_ion_without_a_column_can_absorb(folder):
    folder.row().solutions("solution,Na,absorbed_by\nACSF,150,gluconate\n")
    assert folder.load().solutions["ACSF"].ions_mm == {"Na": 150.0, "gluconate": 150.0}


@pytest.mark.parametrize(
    ("absorber", "said"),
    [
        ("Na", "it would have to become -"),
        ("Cx", "absorbed_by = Cx is no known ion."),
        ("glucose", "has no charge"),
    ],
)
def test_an_ion_that_cannot_absorb(folder, absorber, said):
    folder.row().solutions(f"solution,Na,Ca,Cl,absorbed_by\nACSF,1,20,10,{absorber}\n")
    assert said in folder.mistake()


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (
            "solution,Na,gluconat",
            "row 1: column gluconat is no known ion. Did you mean 'gluconate'",
        ),
        ("solution,Na,Notes", "column Notes is no known ion. Did you mean 'note'?"),
        ("solution,Na,Na+", "row 1: columns Na and Na+ are the same ion, Na; keep one of them"),
        ("name,Na,Cl", "row 1: the column solution is missing"),
    ],
)
def test_refused_columns(folder, header, said):
    folder.row().solutions(f"{header}\nACSF,,\n")
    assert said in folder.mistake()


def test_ions_of_the_project(folder):
    folder.yaml("ions: {Foo: {valence: -2, relative_mobility: 0.3}}")
    folder.row().solutions("solution,Na,Foo\nACSF,150,75\n")
    project = folder.load()
    assert project.solutions["ACSF"].ions_mm == {"Na": 150.0, "Foo": 75.0}
    foo = project.extra_ions["Foo"]
    assert (foo.name, foo.valence, foo.relative_mobility) == ("Foo", -2, 0.3)


def test_a_refused_ion_is_not_called_unknown_as_well(folder):
    folder.yaml("ions: {Foo: {valence: 7}}")
    folder.row().solutions("solution,Na,Foo\nACSF,150,75\n")
    assert folder.mistake().endswith("ions.Foo.valence = 7 is outside -3…3")


def test_an_ion_that_replaces_one_of_the_table_is_said(folder):
    folder.yaml("ions: {Na: {valence: 1, relative_mobility: 0.7}}")
    assert folder.load().warnings == (
        "config/config.yaml line 1: ions.Na replaces the ion of the table",
    )


def test_no_solutions_are_needed_where_none_is_named(folder):
    (folder.path / "config/solutions.csv").unlink()
    assert folder.row().load().solutions == {}


def test_a_missing_sheet_is_said_once(folder):
    (folder.path / "config/solutions.csv").unlink()
    assert folder.mistake() == (
        "config/recordings.csv row 2 (cell c1): pipette = Kgluc needs config/solutions.csv, which "
        "does not exist; write it or leave this empty"
    )


def test_a_sheet_that_the_configuration_names_must_exist(folder):
    said = folder.mistake({"solutions": "baths.csv"})
    assert said.startswith("baths.csv does not exist (looked for ")


def test_rows_are_not_blamed_for_a_sheet_that_cannot_be_read(folder):
    assert "workbook" in folder.solutions(b"PK\x03\x04").mistake()


def test_a_refused_solution_is_still_known(folder):
    folder.solutions("solution,Na,Cl\nKgluc,-1,1\nACSF,1,1\n")
    assert "Na = -1 is negative" in folder.mistake()


def test_no_rows(folder):
    """A project that was only just begun runs, and is told what it lacks."""
    (warning,) = folder.row().solutions("solution,Na\n").load().warnings
    assert warning.startswith("config/solutions.csv holds no solutions yet: no junction potential")


def test_no_rows_but_a_name(folder):
    folder.solutions("solution,Na\n").sheet("cell,file,pipette\nc1,a.abf,Kgluc\n")
    assert "Kgluc" in folder.mistake()
