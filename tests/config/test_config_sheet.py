"""The sheet of recordings: what is read, what is refused, in which words."""

import pytest

from permeant.records import SheetRow

ROW = "config/recordings.csv row 2 (cell c1): "


def test_a_good_sheet_gives_the_rows(folder):
    project = folder.load()
    assert project.rows[0] == SheetRow(
        line=2,
        cell="c1",
        recording="c1",
        file="data/c1.abf",
        pipette="Kgluc",
        bath="ACSF",
        temperature_c=22.0,
        zeroed_in="ACSF",
    )
    assert [row.line for row in project.rows] == [2, 3]
    assert project.warnings == ()


def test_every_column_is_read(folder):
    folder.yaml("protocols: {iv: {holding_mv: -80, epochs: [{level_mv: 0, duration_ms: 100}]}}")
    folder.sheet(
        "cell,file,recording,pipette,bath,temperature_c,condition,measure,epoch,window_start_ms,"
        "window_end_ms,current_channel,command_channel,command_offset_mv,protocol,configuration,"
        "r_s_mohm,r_s_compensation,c_m_pf,ljp_mv,ljp_applied,zeroed_in,subtract,exclude,note\n"
        "c1,a.abf,ctrl,Kgluc,ACSF,-5,wt,Peak,b,10,20.5,Im 1,1,-70,iv,outside-out,8.5,0.7,12,,yes,"
        "LowNa,,no,\n"
        "c1,a.abf,drug,Kgluc,LowNa,60,wt,ramp,02,,,,,,,Whole-Cell,,,,-9.5,no,,ctrl,Y,"
        '"lost, later"\n'
    )
    first, second = folder.load().rows
    assert first == SheetRow(
        line=2,
        cell="c1",
        recording="ctrl",
        file="a.abf",
        pipette="Kgluc",
        bath="ACSF",
        temperature_c=-5.0,
        condition="wt",
        measure="peak",
        epoch="B",
        window_start_ms=10.0,
        window_end_ms=20.5,
        current_channel="Im 1",
        command_channel="1",
        command_offset_mv=-70.0,
        protocol="iv",
        configuration="outside-out",
        r_s_mohm=8.5,
        r_s_compensation=0.7,
        c_m_pf=12.0,
        ljp_applied=True,
        zeroed_in="LowNa",
    )
    assert (second.epoch, second.measure, second.configuration) == ("2", "ramp", "whole-cell")
    assert (second.ljp_mv, second.ljp_applied, second.subtract) == (-9.5, False, "ctrl")
    assert (second.exclude, second.note, second.zeroed_in) == (True, "lost, later", "ACSF")


@pytest.mark.parametrize(
    ("text", "value"), [("yes", True), ("1", True), ("TRUE", True), ("n", False), ("", False)]
)
def test_yes_and_no_are_read_as_people_write_them(folder, text, value):
    assert folder.row(exclude=text).load().rows[0].exclude is value


@pytest.mark.parametrize(
    ("column", "text", "said"),
    [
        ("temperature_c", "295", "temperature_c = 295 is outside -5…60; is it in kelvin?"),
        ("temperature_c", "72", "temperature_c = 72 is outside -5…60; is it in Fahrenheit?"),
        ("temperature_c", "-6", "temperature_c = -6 is outside -5…60"),
        (
            "temperature_c",
            "22 C",
            "temperature_c = 22 C is not a number; write 22 alone (the unit is in the column's "
            "name)",
        ),
        ("temperature_c", "22,5", "temperature_c = 22,5 is not a number; write 22.5 (decimal "),
        ("temperature_c", "1_0", "temperature_c = 1_0 is not a number"),
        ("temperature_c", "1e999", "temperature_c = 1e999 is too large for a number"),
        ("temperature_c", "room", "temperature_c = room is not a number"),
        ("temperature_c", "nan", "is not a finite number; leave the field empty"),
        ("r_s_mohm", "inf", "r_s_mohm = inf is not a finite number"),
        ("r_s_mohm", "0", "r_s_mohm = 0 is outside 0…1000 (above 0)"),
        ("r_s_mohm", "8e6", "r_s_mohm = 8e6 is outside 0…1000 (above 0); is it in ohm?"),
        ("c_m_pf", "-3", "c_m_pf = -3 is outside 0…100000 (above 0)"),
        (
            "r_s_compensation",
            "70",
            "r_s_compensation = 70 is outside 0…1; is it in percent? write 0.7",
        ),
        ("ljp_mv", "-101", "ljp_mv = -101 is outside -100…100"),
        (
            "measure",
            "stedy",
            "measure = stedy is not one of steady, instantaneous, peak, ramp, single_channel, "
            "noise, charge. "
            "Did you mean 'steady'?",
        ),
        ("configuration", "whole cell", "Did you mean 'whole-cell'?"),
        ("epoch", "0", "epoch = 0 is neither a whole number from 1"),
        ("epoch", "1.5", "epoch = 1.5 is neither"),
        ("epoch", "K", "nor a letter A–J"),
        ("exclude", "maybe", "exclude = maybe is neither yes nor no"),
        ("pipette", "Kglu", "pipette = Kglu is not in config/solutions.csv. Did you mean 'Kgluc'?"),
        ("bath", "xyz", "bath = xyz is not in config/solutions.csv. Add it there."),
        ("zeroed_in", "acsf", "zeroed_in = acsf is not in config/solutions.csv. Did you mean"),
        ("protocol", "iv", "protocol = iv is no entry of protocols: in config.yaml."),
        ("subtract", "c1", "subtract = c1 is this recording itself; name its control"),
        ("subtract", "b", "subtract = b is no recording of this cell. Its recordings: c1."),
        ("window_start_ms", "5", "window_end_ms is empty; give both ends of the window or none"),
        ("window_end_ms", "5", "window_start_ms is empty; give both ends"),
        ("file", "data/", "file = data/ names a folder"),
        ("recording", "a b", "recording = a b contains a space; letters, digits and . _ - only"),
    ],
)
def test_a_refused_field_is_named_with_its_row(folder, column, text, said):
    mistake = folder.row(**{column: text}).mistake()
    assert mistake.startswith(ROW)
    assert said in mistake


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("c/1", "contains '/'; letters, digits and . _ - only, e.g. c_1"),
        ("zelle_ä", "contains 'ä'"),
        ("..", "begins with '.'"),
        (".", "begins with '.'"),
        ("-c1", "begins with '-'"),
        ("con", "is a name that Windows keeps for a device"),
        ("LPT1.2", "is a name that Windows keeps for a device"),
        ("c" * 101, "has 101 characters; 100 at most"),
    ],
)
def test_a_cell_must_be_able_to_name_a_file(folder, cell, said):
    assert said in folder.row(cell=cell).mistake()


def test_needed_fields(folder):
    folder.sheet("cell,file\n,a.abf\nc2,\n")
    assert folder.mistakes() == (
        "config/recordings.csv row 2: cell is empty; every row needs it",
        "config/recordings.csv row 3 (cell c2): file is empty; every row needs it",
    )


def test_needed_columns(folder):
    assert folder.sheet("cell,bath\nc1,ACSF\n").mistake() == (
        "config/recordings.csv row 1: the column file is missing"
    )


def test_window_ends_after_it_starts(folder):
    said = folder.row(window_start_ms="20", window_end_ms="20").mistake()
    assert said == ROW + "window_start_ms = 20 is not before window_end_ms = 20"
    said = folder.row(fit_min_mv="20", fit_max_mv="-60").mistake()
    assert said == ROW + "fit_min_mv = 20 is not below fit_max_mv = -60"


def test_no_second_junction_correction(folder):
    said = folder.row(ljp_mv="9", ljp_applied="yes").mistake()
    assert "ljp_applied = yes and ljp_mv = 9 would correct for the junction potential twice" in said


@pytest.mark.parametrize(
    ("file", "recording"),
    [
        ("data/a b(1).abf", "a_b_1_"),
        ("data\\day 1\\0312.000.abf", "0312.000"),
        (".abf", "_abf"),
        ("-x.abf", "_x"),
        ("con.abf", "_con"),
        ("y" * 150 + ".abf", "y" * 100),
        ("plain", "plain"),
    ],
)
def test_the_files_stem_names_the_recording(folder, file, recording):
    assert folder.row(file=file).load().rows[0].recording == recording


def test_duplicates_are_told_what_to_do(folder):
    said = folder.sheet("cell,file\nc1,a.abf\nc2,a.abf\nc1,a.abf\n").mistake()
    assert said == (
        "config/recordings.csv row 4 (cell c1): recording a is already in row 2 (the same file); "
        "if both rows are meant, give each its own name in the column recording"
    )
    assert "(the same file)" not in folder.sheet("cell,file\nc1,a.abf\nc1,b/a.abf\n").mistake()


def test_cells_must_differ_by_more_than_capitals(folder):
    said = folder.sheet("cell,file\nc1,a.abf\nC1,b.abf\n").mistake()
    assert "row 3 (cell C1): cell = C1 differs from c1 (row 2) only by capitals" in said


def test_a_cell_has_one_pipette(folder):
    said = folder.sheet("cell,file,pipette\nc1,a.abf,Kgluc\nc1,b.abf,LowNa\n").mistake()
    assert "row 3 (cell c1): pipette = LowNa, but row 2 of this cell has Kgluc" in said


def test_controls(folder):
    folder.sheet("cell,file,subtract\nc1,a.abf,\nc1,b.abf,a\nc2,c.abf,a\nc3,d.abf,\nc3,dd.abf,e\n")
    other, near = folder.mistakes()
    assert "row 4 (cell c2): subtract = a is no recording of this cell. It belongs to c" in other
    assert "row 6 (cell c3): subtract = e is no recording of this cell" in near


def test_circular_subtraction_is_reported_once(folder):
    folder.sheet("cell,file,subtract\nc1,a.abf,b\nc1,b.abf,c\nc1,c.abf,a\nc1,d.abf,a\n")
    assert "row 2 (cell c1): subtract goes in a circle: a → b → c → a" in folder.mistake()


def test_zeroed_in_the_bath_of_the_cells_first_row(folder):
    folder.sheet("cell,file,bath,zeroed_in\nc1,a.abf,ACSF,\nc1,b.abf,LowNa,\nc1,c.abf,ACSF,LowNa\n")
    assert [row.zeroed_in for row in folder.load().rows] == ["ACSF", "ACSF", "LowNa"]


def test_unknown_column(folder):
    said = folder.sheet("cell,file,temprature_c\nc1,a.abf,22\n").mistake()
    assert said.startswith(
        "config/recordings.csv row 1: column temprature_c is not known. "
        "Did you mean 'temperature_c'?"
    )


def test_a_column_twice(folder):
    said = folder.sheet("cell,file,note,Note\nc1,a.abf,x,y\n").mistake()
    assert said == "config/recordings.csv row 1: column note appears more than once"


def test_too_few_and_too_many_fields(folder):
    folder.sheet("cell,file,note\nc1,a.abf\nc2,b.abf,red, blue\nc3,c.abf,,,\n")
    few, many = folder.mistakes()
    assert few.startswith("config/recordings.csv row 2 (cell c1): 2 fields under 3 columns")
    assert many == (
        "config/recordings.csv row 3 (cell c2): 4 fields under 3 columns; put text that contains "
        "',' in double quotes"
    )


def test_a_value_under_no_name(folder):
    assert folder.sheet("cell,file,\nc1,a.abf,\n").load().rows
    assert "column 3 holds x but has no name" in folder.sheet("cell,file,\nc1,a.abf,x\n").mistake()


@pytest.mark.parametrize(
    "content",
    [
        "Cell;File;Temperature_C;note\r\nc1;data/x.abf;22,5;ä, µ\r\n".encode("cp1252"),
        "\ufeffCELL\tfile\ttemperature_c\tnote\nc1\tdata/x.abf\t22,5\tä, µ\n".encode(),
        "cell\tfile\ttemperature_c\tnote\r\nc1\tdata/x.abf\t22.5\tä, µ\r\n".encode("utf-16"),
        b'sep=;\r\ncell;file;temperature_c;note\r\nc1;data/x.abf;22.5;"\xe4, \xb5"\r\n',
        ' cell , file,temperature_c,note \n\n,,,\nc1, data/x.abf ,22.5 ,"ä, µ"\n'.encode(),
        'cell,file,temperature_c,note\rc1,data/x.abf,22.5,"ä, µ"\r'.encode(),
    ],
)
def test_sheets_as_spreadsheet_programs_save_them(folder, content):
    (row,) = folder.sheet(content).load().rows
    assert (row.cell, row.file, row.temperature_c, row.note) == ("c1", "data/x.abf", 22.5, "ä, µ")


def test_another_encoding_is_said(folder):
    folder.sheet("cell,file,note\nc1,a.abf,µ\n".encode("cp1252"))
    (warning,) = folder.load().warnings
    assert warning.startswith("config/recordings.csv is not UTF-8; it was read as Windows-1252")


def test_rows_are_numbered_as_a_spreadsheet_does(folder):
    folder.sheet('cell,file,note\n\nc1,a.abf,"two\nlines"\n,,\nc2,b.abf,\n')
    assert [row.line for row in folder.load().rows] == [3, 5]


def test_an_open_quote_does_not_swallow_the_rest(folder):
    said = folder.sheet('cell,file,note\nc1,a.abf,"lost\nc2,b.abf,\n').mistake()
    assert said.startswith("config/recordings.csv row 2: unexpected end of data; check the double")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty; its first row names the columns"),
        (b"cell,file\n", "names no recordings; add one row for each"),
        (b"PK\x03\x04rest", "is not a text table; if it is a workbook"),
        (b"cell\x00file", "is not a text table"),
    ],
)
def test_no_table_at_all(folder, content, said):
    assert said in folder.sheet(content).mistake()


def test_a_missing_sheet(folder):
    (folder.path / "config/recordings.csv").unlink()
    assert folder.mistake().startswith("config/recordings.csv does not exist (looked for ")


def test_the_sheet_is_a_folder(folder):
    assert folder.mistake({"recordings": "config"}) == "config is a folder; a file is needed"


def test_a_missing_recording_is_no_mistake_of_the_sheet(folder):
    assert folder.row(file="nowhere/at/all.abf").load().rows[0].file == "nowhere/at/all.abf"


def test_files_elsewhere_are_allowed_and_said(folder):
    folder.sheet("cell,file\nc1,/share/a.abf\nc2,../b.abf\nc3,C:\\d\\c.abf\nc4,d..e/f.abf\n")
    project = folder.load()
    assert [row.file for row in project.rows] == [
        "/share/a.abf",
        "../b.abf",
        "C:/d/c.abf",
        "d..e/f.abf",
    ]
    (warning,) = project.warnings
    assert "3 rows (the first is row 2) are outside the project folder" in warning


def test_missing_temperature_is_said(folder):
    (warning,) = folder.row(pipette="Kgluc", bath="ACSF").load().warnings
    assert warning.startswith("config/recordings.csv: row 2 is without temperature_c")


def test_names_in_other_unicode_spelling_match(folder):
    folder.solutions("solution,Na,Cl\nLösung,150,150\n")
    assert folder.row(bath="Lo\u0308sung").load().rows[0].bath == "Lösung"


def test_two_controls_are_written_one_way(folder):
    folder.sheet(
        "cell,file,subtract\nc1,before.abf,\nc1,ago.abf,before;wash\nc1,wash.abf,\n"
        'c1,more.abf,"before, wash"\n'
    )
    rows = folder.load().rows
    assert [row.subtract for row in rows] == [None, "before;wash", None, "before;wash"]
    assert rows[1].controls == ("before", "wash")
    assert rows[0].controls == ()


def test_controls_that_cannot_be_two(folder):
    folder.sheet("cell,file,subtract\nc1,a.abf,\nc1,b.abf,a;c\nc1,d.abf,a;b;e\nc1,e.abf,a;a\n")
    missing, three, twice = sorted(folder.mistakes(), key=lambda one: "names" in one)
    assert "row 3 (cell c1): subtract = c is no recording of this cell" in missing
    assert "subtract = a;b;e names 3 recordings; name one control, or two" in three
    assert "subtract = a;a names 2 recordings; name one control, or two different ones" in twice


def test_a_circle_through_a_second_control_is_found(folder):
    folder.sheet("cell,file,subtract\nc1,a.abf,\nc1,b.abf,a;c\nc1,c.abf,b\n")
    assert "subtract goes in a circle: b → c → b" in folder.mistake()


def test_the_leak_of_a_recording(folder):
    folder.sheet("cell,file,leak\nc1,a.abf,Ramp\nc1,b.abf,none\nc1,c.abf,\n")
    assert [row.leak for row in folder.load().rows] == ["ramp", "none", None]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("1-10,14", "1-10,14"),
        (" 01 – 10 ; 14", "1-10,14"),
        ("11-", "11-"),
        ("3", "3"),
        ("Tag  Drug 1", "tag Drug 1"),
        ("tag drug..wash", "tag drug..wash"),
        ("BEFORE drug", "before drug"),
    ],
)
def test_a_choice_of_sweeps_is_written_in_one_way(folder, written, read):
    assert folder.row(sweeps=written).load().rows[0].sweeps == read


@pytest.mark.parametrize(
    "written", ["0-3", "-5", "a-b", "1-2-3", "tag", "before ", "1.5", "10-Jan"]
)
def test_no_choice_of_sweeps_is_refused_with_what_is_allowed(folder, written):
    assert "write numbers and ranges (1-10,14 or 11-)" in folder.row(sweeps=written).mistake()


def test_a_range_of_sweeps_does_not_go_backwards(folder):
    assert "goes backwards" in folder.row(sweeps="9-3").mistake()


def test_one_file_may_be_several_rows_of_different_sweeps(folder):
    folder.sheet("cell,file,recording,sweeps\nc1,a.abf,control,1-10\nc1,a.abf,drug,11-20\n")
    assert [row.sweeps for row in folder.load().rows] == ["1-10", "11-20"]
    folder.sheet("cell,file,sweeps\nc1,a.abf,1-10\nc1,a.abf,11-20\n")
    assert "give each its own name in the column recording" in folder.mistake()
