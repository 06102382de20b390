"""Odd file names, links, a computer that lacks what others have: the same run, or a sentence."""

from __future__ import annotations

import os
import shutil
import subprocess
import unicodedata
from pathlib import Path

import pytest
from runs import Program, make_project, read_csv, sheet, table, tables_of, write_sheet

from permeant.config import load_project
from permeant.errors import ProjectError
from permeant.workflow.plan import plan_project

needs_posix = pytest.mark.skipif(os.name != "posix", reason="names and links of a POSIX system")

READ = {
    "newline": "data/new\nline.abf",
    "tab": "data/t\tab.abf",
    "quotes": 'data/it\'s "q".abf',
    "percent": "data/100%d %s.abf",
    "pattern": "data/{batch}.abf",
    "half-pattern": "data/{half.abf",
    "dash": "-dash.abf",
    "option": "--cores.abf",
    "shell": "data/$(touch ran) `touch ran` ;touch ran;.abf",
    "script": "data/<img src=x onerror=alert(1)>.abf",
    "formula": "=cmd().abf",
    "long": f"data/{'x' * 240}.abf",
    "long-table": f"data/{'z' * 248}.csv",
    "composed": unicodedata.normalize("NFC", "data/Zellä.abf"),
    "decomposed": unicodedata.normalize("NFD", "data/Zellö.abf"),
    "joker": "data/st*r?[a].abf",
    "spaces": "data/ lead and trail .abf",
    "tilde": "~/a.abf",
    "right-to-left": "data/\u202efba.abf",
    "link-out": "data/link.abf",
    "folder-in-itself": "data/here/here/here/cell_00001.abf",
}
"""Names under which a sound recording is there, whatever its ending says."""

REFUSED = {
    "too-long": (f"data/{'x' * 300}.abf", "file_unreadable", "cannot be opened"),
    "endless-path": (f"{'/y' * 3000}.abf", "file_unreadable", "cannot be opened"),
    "other-spelling": (
        unicodedata.normalize("NFC", "data/Zellü.abf"),
        "file_missing",
        "another spelling",
    ),
    "other-case": ("data/CELL_00001.abf", "file_missing", "but 'cell_00001.abf'"),
    "address": ("https://example.org/a.abf", "file_missing", "no such file"),
    "circle": ("data/circle.abf", "file_unreadable", "cannot be opened"),
    "to-nowhere": ("data/nowhere.abf", "file_missing", "no such file"),
    "pipe": ("data/pipe.abf", "file_unreadable", "pipe or a device"),
    "pipe-table": ("data/pipe.csv", "file_unreadable", "pipe or a device"),
    "zeros": ("/dev/zero", "file_unreadable", "pipe or a device"),
    "shown-by-system": ("/proc/self/maps", "file_unreadable", "pipe or a device"),
    "folder": ("data/folder.abf", "file_missing", "is a folder"),
    "below-a-file": ("data/cell_00001.abf/a.abf", "file_unreadable", "cannot be opened"),
    "empty": ("data/empty.abf", "file_empty", "0 bytes"),
}
"""Name, code and words of what is no recording; it costs itself alone."""


@needs_posix
def test_odd_file_names(program: Program, tmp_path: Path) -> None:
    project = make_project(tmp_path / "project", 1, 100)
    sound, data = project / "data/cell_00001.abf", project / "data"
    outside = shutil.copy2(sound, tmp_path / "outside.abf")
    (data / "link.abf").symlink_to(outside)
    (data / "circle.abf").symlink_to("circle.abf")
    (data / "nowhere.abf").symlink_to("not-there.abf")
    (data / "here").symlink_to(".")
    (data / "folder.abf").mkdir()
    (data / "empty.abf").touch()
    os.mkfifo(data / "pipe.abf")
    os.mkfifo(data / "pipe.csv")
    shutil.copy2(sound, data / unicodedata.normalize("NFD", "Zellü.abf"))
    (first,) = sheet(project)
    files = READ | {name: refusal[0] for name, refusal in REFUSED.items()}
    for name in READ:
        path = project / files[name]
        path.parent.mkdir(exist_ok=True)
        if not path.exists():
            shutil.copy2(sound, path)
    write_sheet(
        project,
        [
            first,
            *({**first, "cell": name, "recording": name, "file": files[name]} for name in files),
        ],
    )
    run = program.permeant("run", project)
    assert run.status == 0, run.said
    assert "Traceback" not in run.said
    fits = {row["cell"]: row for row in table(project, "fits")}
    problems = {row["cell"]: row for row in table(project, "problems")}
    for name in READ:
        assert fits[name]["g_ns"] == fits["cell_00001"]["g_ns"], problems.get(name)
    for name, (_, code, words) in REFUSED.items():
        assert problems[name]["code"] == code, problems[name]
        assert words in problems[name]["message"]
    assert list(tmp_path.rglob("ran")) == []
    again = program.permeant("run", project)
    assert "nothing to be done" in again.said


ODD = {
    "LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0",
    "TZ": "Pacific/Chatham", "TMPDIR": "/not/there", "XDG_CACHE_HOME": "/proc/not/there",
    "HOME": "/proc/not/there", "COLUMNS": "1", "TERM": "dumb",
}  # fmt: skip


@needs_posix
def test_odd_surroundings_give_the_same_tables(
    program: Program, finished: Path, tmp_path: Path
) -> None:
    """No home, no place for temporary files, no UTF-8, nobody else's business, elsewhere."""
    project = make_project(tmp_path / "Mäuse & Söhne {batch} 100 %\n'x'" / "-projekt µ")
    done = subprocess.run(
        program.command("permeant.cli", "run", project, "--cores", "2"),
        env={**program.environment, **ODD}, cwd="/", umask=0o077, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, errors="replace", timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert tables_of(project) == tables_of(finished)
    assert read_csv(project / "reports/tables/problems.csv") == []
    mine = [path for path in (project / "reports").rglob("*") if path.stat().st_mode & 0o077]
    assert mine == [], "the umask asked for files that nobody else may read"


@needs_posix
def test_nothing_is_written_where_a_link_leads_out(tmp_path: Path) -> None:
    project, outside = make_project(tmp_path / "project", 1), tmp_path / "outside"
    (outside / "batches").mkdir(parents=True)
    for place in ("reports", "reports/batches/fit", "reports/tables", ".snakemake"):
        link = project / place
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(outside)
        with pytest.raises(ProjectError, match=f"{place} is a link out of the project folder"):
            load_project(project)
        link.unlink()
    (project / "reports" / "tables").symlink_to("tables")
    with pytest.raises(ProjectError, match="reports/tables is a link in a circle"):
        load_project(project)
    (project / "reports" / "tables").unlink()
    (project / "elsewhere").mkdir()
    (project / "reports" / "tables").symlink_to("../elsewhere")
    load_project(project)
    # the project itself may be reached by a link
    (tmp_path / "link").symlink_to(project)
    load_project(tmp_path / "link")
    assert list(outside.rglob("*")) == [outside / "batches"]


@pytest.mark.parametrize(
    "output", ["~/reports", "$HOME", "' '", "a /b", f"{'x' * 250}", "a\u202eb"]
)
def test_folders_that_are_no_plain_names(tmp_path: Path, output: str) -> None:
    project = make_project(tmp_path / "project", 1)
    (project / "config" / "config.yaml").write_text(f"output: {output}\n", encoding="utf-8")
    with pytest.raises(ProjectError, match="plain name"):
        load_project(project)


@needs_posix
def test_snakemake_is_not_handed_names_that_it_takes_for_something_else(tmp_path: Path) -> None:
    project = make_project(tmp_path / "project", 1)
    (first,) = sheet(project)
    names = ("a.abf", "new\nline.abf", "{a}.abf", "s3:/b/c.abf", "empty.abf")
    for name in names:
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_bytes(b"" if name == "empty.abf" else b"x")
    asked = ("s3://b/c.abf", *(name for name in names if ":" not in name), "./a.abf")
    rows = [
        {**first, "cell": f"c{k}", "recording": f"r{k}", "file": name}
        for k, name in enumerate(asked)
    ]
    write_sheet(project, rows)
    plan = plan_project(project, None, Path("stages"))
    assert [file for batch in plan.names for file in plan.files(batch)] == ["a.abf"]
