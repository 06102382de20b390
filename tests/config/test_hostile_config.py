"""Configurations that would do harm: each is refused in words at once, and nothing of it runs."""

from __future__ import annotations

import string

import pytest

from permeant.config import load_project
from permeant.config.yaml_file import MOST_VALUES
from permeant.errors import ProjectError
from permeant.workflow.plan import has_config

LISTS = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{b}: &{b} [{','.join([f'*{a}'] * 10)}]\n"
    for a, b in zip(string.ascii_lowercase[:9], string.ascii_lowercase[1:], strict=False)
)
"""Ten lines that stand for 10^10 values."""
MAPPINGS = "a: &a {x: 1}\n" + "".join(
    f"{b}: &{b} {{{', '.join(f'k{n}: *{a}' for n in range(10))}}}\n"
    for a, b in zip(string.ascii_lowercase[:9], string.ascii_lowercase[1:], strict=False)
)


@pytest.fixture
def project(tmp_path):
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "recordings.csv").write_text("cell,file\nc1,a.abf\n")
    return tmp_path


def refused(project, text):
    """What the check says, and what Snakemake is kept from reading."""
    path = project / "config" / "config.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ProjectError) as caught:
        load_project(project)
    said = "\n".join(caught.value.mistakes)
    assert len(said) < 3000
    return said


@pytest.mark.parametrize("text", [LISTS, MAPPINGS, "a: &a [*a]\n", "protocols: &a\n  p: *a\n"])
def test_few_lines_that_stand_for_endless_values(project, text):
    assert f"more than {MOST_VALUES} values" in refused(project, text)
    with pytest.raises(ProjectError, match="anchors and aliases"):
        has_config(project)


def test_an_alias_may_spare_writing(project):
    epochs = "[{level_mv: -80, duration_ms: 10}]"
    text = f"protocols:\n  p: &p {{holding_mv: -60, epochs: {epochs}}}\n  q: *p\n"
    (project / "config" / "config.yaml").write_text(text)
    assert set(load_project(project).settings.protocols) == {"p", "q"}
    assert has_config(project)


@pytest.mark.parametrize(
    "text",
    [
        "output: !!python/object/apply:os.system ['touch ran']\n",
        "title: !!python/name:os.system\n",
        "a: " + "[" * 3000 + "]" * 3000 + "\n",
        "batch_size: " + "9" * 5000 + "\n",
        b"output: a\0b\n",
        bytes(range(256)),
        "- a\n",
    ],
    ids=["call", "name", "deep", "digits", "nul", "bytes", "list"],
)
def test_what_is_no_plain_yaml(project, monkeypatch, text):
    monkeypatch.chdir(project)
    assert "config/config.yaml" in refused(project, text)
    with pytest.raises(ProjectError, match=r"config/config\.yaml"):
        has_config(project)
    assert not (project / "ran").exists()


def test_a_project_needs_no_configuration(project):
    assert not has_config(project)
