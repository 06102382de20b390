"""The conventions of Snakemake: use as a module, lint, the catalog's file, schemas."""

from __future__ import annotations

import re
from pathlib import Path

import jsonschema
import pytest
import yaml
from runs import ROOT, Program, tables_of

from permeant.cli import main
from permeant.commands.schema import schema_text

MODULE = """\
configfile: "config/config.yaml"

module permeant:
    snakefile: {snakefile!r}
    config: config

use rule * from permeant as permeant_*

rule after:
    default_target: True
    input: rules.permeant_all.input
    output: "after.txt"
    run:
        Path(output[0]).write_text(f"{{len(input)}} files")
"""


def test_the_workflow_is_a_module_of_another(program: Program, finished: Path, fresh: Path) -> None:
    outer = fresh / "Snakefile"
    outer.write_text(MODULE.format(snakefile=str(program.snakefile)))
    run = program.call(
        "snakemake", "--snakefile", outer, "--directory", fresh, "--cores", "2", cwd=fresh
    )
    assert run.status == 0, run.said
    assert (fresh / "after.txt").read_text().endswith("files")
    assert tables_of(fresh) == tables_of(finished)


def test_lint_remarks_one_thing_and_it_is_answered(program: Program, fresh: Path) -> None:
    run = program.call(
        "snakemake", "--lint", "--snakefile", program.snakefile, "--directory", fresh
    )
    remarks = re.findall(r"^    \* (.+?):?$", run.said, re.MULTILINE)
    assert set(remarks) == {"Specify a conda environment or container for each rule."}, run.said
    answer = (ROOT / "config" / "README.md").read_text(encoding="utf-8")
    assert "names no conda environment or container" in answer


def test_the_catalog_finds_what_it_asks_for() -> None:
    usage = yaml.safe_load((ROOT / ".snakemake-workflow-catalog.yml").read_text())["usage"]
    assert set(usage) == {"mandatory-flags", "software-stack-deployment", "report"}
    profile = usage["mandatory-flags"]["flags"].split()[-1]
    assert (ROOT / profile / "config.yaml").is_file()
    assert (ROOT / "config" / "README.md").is_file()


@pytest.mark.parametrize("name", ["config", "recordings"])
def test_schemas_are_those_of_the_models(name: str) -> None:
    """To make them again: permeant schema NAME > pipeline/schemas/NAME.schema.json."""
    path = ROOT / "pipeline" / "schemas" / f"{name}.schema.json"
    assert path.read_text(encoding="utf-8") == schema_text(name)


def test_the_example_follows_the_schema_and_a_wrong_key_does_not() -> None:
    import json  # noqa: PLC0415

    schema = json.loads(schema_text("config"))
    jsonschema.Draft202012Validator.check_schema(schema)
    good = yaml.safe_load((ROOT / "config" / "config.yaml").read_text(encoding="utf-8"))
    jsonschema.validate(good, schema)
    with pytest.raises(jsonschema.ValidationError, match="temperature_k"):
        jsonschema.validate({"defaults": {"temperature_k": 295}}, schema)


def test_schema_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "config"]) == 0
    assert capsys.readouterr().out == schema_text("config")
