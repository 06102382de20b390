"""Sheets that would do harm: each is refused in words or neutralised, and none hangs."""

from __future__ import annotations

import os

import pytest

from permeant.config import load_project
from permeant.errors import ProjectError
from permeant.tables import write_text


def mistakes(project):
    with pytest.raises(ProjectError) as caught:
        load_project(project)
    return "\n".join(caught.value.mistakes)


@pytest.fixture
def project(tmp_path):
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "recordings.csv").write_text("cell,file\nc1,a.abf\n")
    return tmp_path


def sheet(project, text):
    path = project / "config" / "recordings.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return project


@pytest.mark.parametrize(
    "name", ["../evil", "/etc/passwd", "a/b", "..", "a\\b", "<b>", "=cmd", "-x"]
)
@pytest.mark.parametrize("column", ["cell", "recording"])
def test_ids_cannot_leave_the_folder_of_the_pages(project, column, name):
    other = "recording" if column == "cell" else "cell"
    said = mistakes(sheet(project, f"{column},{other},file\n{name},ok,a.abf\n"))
    assert "row 2" in said
    assert column in said


@pytest.mark.parametrize("output", ["../elsewhere", "/tmp/elsewhere", "a/../../b", "."])
def test_nothing_is_written_outside_the_project(project, output):
    (project / "config" / "config.yaml").write_text(f"output: {output}\n")
    assert "output" in mistakes(project)


@pytest.mark.parametrize("name", ["recordings.csv", "solutions.csv", "config.yaml"])
def test_a_pipe_instead_of_a_file_does_not_hang(project, name):
    path = project / "config" / name
    path.unlink(missing_ok=True)
    os.mkfifo(path)
    assert f"config/{name} is a pipe or a device" in mistakes(project)


@pytest.mark.parametrize("name", ["recordings.csv", "solutions.csv", "config.yaml"])
def test_a_folder_instead_of_a_file_is_said(project, name):
    path = project / "config" / name
    path.unlink(missing_ok=True)
    path.mkdir()
    assert f"config/{name} is a folder" in mistakes(project)


@pytest.mark.parametrize("size", [100_000, 140_000, 2_000_000])
@pytest.mark.parametrize("column", ["note", "condition", "series", "cell", "file", "text_columns"])
def test_very_long_fields_are_read_or_refused_at_once(project, column, size):
    names = dict.fromkeys(["cell", "file", column], "x") | {column: "y" * size}
    text = ",".join(names) + "\n" + ",".join(names.values()) + "\n"
    sheet(project, text)
    said = ""
    try:
        (row,) = load_project(project).rows
    except ProjectError as refusal:
        said = str(refusal)
    # what is said about a field must not repeat all of it
    assert 0 < len(said) < 2_000 if said else len(getattr(row, column)) == size


def test_bytes_that_no_text_has(project):
    assert "is not a text table" in mistakes(sheet(project, b"cell,file\nc1,a\x00.abf\n"))
    (row,) = load_project(sheet(project, b"cell,file,note\nc1,a.abf,\xb5 \xe4 \x80\n")).rows
    assert row.note == "µ ä €"
    mixed = "cell,file,note\nc1,a.abf,µ".encode() + b"\xb5\n"
    assert load_project(sheet(project, mixed)).warnings


def test_rows_written_twice_are_refused(project):
    said = mistakes(sheet(project, "cell,file\nc1,a.abf\nc1,a.abf\n"))
    assert "already in row 2 (the same file)" in said


def test_what_a_spreadsheet_program_makes_of_a_sheet(project):
    text = "\ufeffcell;file;temperature_c;series\r\nc1;a.dat;22,5;1.2\r\nc2;b.dat;;\r\n"
    first, second = load_project(sheet(project, text)).rows
    assert (first.temperature_c, first.series) == (22.5, "1.2")
    assert (second.temperature_c, second.series) == (None, None)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ('=cmd|"/C calc"!A0', '\'=cmd|"/C calc"!A0'),
        ("=1+1", "'=1+1"),
        ("@SUM(1)", "'@SUM(1)"),
        ("+HYPERLINK(1)", "'+HYPERLINK(1)"),
        ("-2+3+cmd|' /C calc'!A0", "'-2+3+cmd|' /C calc'!A0"),
        ("+/+", "+/+"),
        ("-/-", "-/-"),
        ("wild type = WT", "wild type = WT"),
        ("two\r\nlines", "two  lines"),
    ],
)
def test_formulas_do_not_reach_a_spreadsheet(text, written):
    assert write_text(text) == written


def test_numbers_keep_their_sign():
    assert write_text(-80.0) == "-80"
