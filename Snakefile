# permeant: from a folder of patch-clamp recordings to conductances, reversal potentials and
# permeability ratios:  (check) -> ingest -> measure -> fit -> permeability -> report -> summary
# A job takes a batch of cells, not a cell: starting Python costs more than a cell's work.
# Run: permeant run PROJECT, or snakemake --snakefile PATH/Snakefile --directory PROJECT --cores all
import os
import sys
from pathlib import Path

from permeant.workflow.fingerprint import stages_folder
from permeant.workflow.mend import mend_work
from permeant.workflow.plan import has_config, plan_project

# The matrices here are tiny: threads of the linear algebra library only get in each other's way.
for library in ("OPENBLAS", "MKL", "OMP"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")


include: "pipeline/told.smk"


if told(has_config, Path.cwd()):

    configfile: "config/config.yaml"


PLAN = told(plan_project, Path.cwd(), config, stages_folder())

if workflow.is_main_process:
    sys.stderr.writelines(f"{note}\n" for note in mend_work(Path.cwd(), PLAN.output))


handed = PLAN.handed


wildcard_constraints:
    batch=r"\d+",


localrules:
    all,


rule all:
    input:
        PLAN.targets,  # batch files by name too, or one that was deleted would stay away


include: "pipeline/shown.smk"  # what `snakemake --report` shows
include: "pipeline/figures.smk"  # figures for papers


rule ingest:
    """What a file holds, which channel is what, and what was really played."""
    input:
        recordings=lambda wildcards: PLAN.files(wildcards.batch),
    output:
        update(PLAN.work("ingest")),
    log:
        PLAN.log("ingest"),
    resources:
        **PLAN.asked("ingest"),
    params:
        rows=handed("ingest", "rows"),
        protocols=handed("ingest", "protocols"),
        stamps=handed("ingest", "stamps"),
        code=handed("ingest", "code"),
    message:
        "reading the recordings of batch {wildcards.batch}"
    script:
        "pipeline/stages/ingest.py"


rule measure:
    """The current at every voltage, membrane voltages, quality."""
    input:
        ingested=PLAN.work("ingest"),
    output:
        update(PLAN.work("measure")),
        update(PLAN.work("traces")),
    log:
        PLAN.log("measure"),
    resources:
        **PLAN.asked("measure"),
    params:
        rows=handed("measure", "rows"),
        solutions=handed("measure", "solutions"),
        ions=handed("measure", "ions"),
        steady_state=handed("measure", "steady_state"),
        measures=handed("measure", "measures"),
        corrections=handed("measure", "corrections"),
        quality=handed("measure", "quality"),
        max_trace_points=handed("measure", "max_trace_points"),
        protocols=handed("measure", "protocols"),
        code=handed("measure", "code"),
    message:
        "measuring batch {wildcards.batch}"
    script:
        "pipeline/stages/measure.py"


rule fit:
    """Conductance and reversal potential with their intervals, and models of the whole curve."""
    input:
        ingested=PLAN.work("ingest"),
        measured=PLAN.work("measure"),
    output:
        update(PLAN.work("fit")),
    log:
        PLAN.log("fit"),
    resources:
        **PLAN.asked("fit"),
    params:
        rows=handed("fit", "rows"),
        sigma_ljp_mv=handed("fit", "sigma_ljp_mv"),
        solutions=handed("fit", "solutions"),
        ions=handed("fit", "ions"),
        permeability=handed("fit", "permeability"),
        fit=handed("fit", "fit"),
        code=handed("fit", "code"),
    message:
        "fitting batch {wildcards.batch}"
    script:
        "pipeline/stages/fit.py"


rule permeability:
    """Permeability ratios and driving forces from the reversals and the solutions."""
    input:
        ingested=PLAN.work("ingest"),
        measured=PLAN.work("measure"),
        fitted=PLAN.work("fit"),
    output:
        update(PLAN.work("permeability")),
    log:
        PLAN.log("permeability"),
    resources:
        **PLAN.asked("permeability"),
    params:
        rows=handed("permeability", "rows"),
        solutions=handed("permeability", "solutions"),
        ions=handed("permeability", "ions"),
        permeability=handed("permeability", "permeability"),
        code=handed("permeability", "code"),
    message:
        "inferring permeability ratios of batch {wildcards.batch}"
    script:
        "pipeline/stages/permeability.py"


rule report:
    """One page a cell and its lines of the tables; the first output lists the pages of the batch."""
    input:
        ingested=PLAN.work("ingest"),
        measured=PLAN.work("measure"),
        traces=PLAN.work("traces"),
        fitted=PLAN.work("fit"),
        inferred=PLAN.work("permeability"),
    output:
        update(PLAN.work("pages")),
        update(PLAN.work("rows")),
    log:
        PLAN.log("report"),
    resources:
        **PLAN.asked("report"),
    params:
        rows=handed("report", "rows"),
        solutions=handed("report", "solutions"),
        report=handed("report", "report"),
        changed=handed("report", "changed"),
        code=handed("report", "code"),
    message:
        "writing the pages of batch {wildcards.batch}"
    script:
        "pipeline/stages/report.py"


rule summary:
    """The tables of the whole run, joined line by line, and its index."""
    input:
        PLAN.batch_files("pages", "rows"),
    output:
        update(f"{PLAN.output}/index.html"),
        [shown_table(path) for path in PLAN.tables],
    log:
        f"{PLAN.output}/logs/summary.log",
    resources:
        **PLAN.asked("summary"),
    params:
        **PLAN.summary_params(),
    message:
        "writing tables and index"
    script:
        "pipeline/stages/summary.py"
