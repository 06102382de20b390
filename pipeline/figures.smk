# What `snakemake --report` shows, and the figures for papers: a rule a batch, since each file is an
# output of its own.  Without the key figures in config.yaml there is no rule, and no work.


report: "captions/workflow.rst"


def shown_table(path):
    """A table as Snakemake shows it in its own report."""
    caption = "pipeline/captions/table.rst"  # as seen from the Snakefile, whose rule this is for
    return report(update(path), caption, category="Tables", labels={"table": Path(path).stem})


def drawn(file):
    """A figure as Snakemake shows it in its own report."""
    cell, name = file.split("/")[-2:]
    stem, ending = name.rsplit(".", 1)
    labels = {"cell": cell, "recording": stem.removeprefix("iv_"), "format": ending}
    labels["recording"] = "all" if stem == "iv" else labels["recording"]
    return report(
        update(file),
        caption="captions/iv.rst",
        category="Current–voltage curves",
        labels=labels,
    )


for batch in PLAN.names if PLAN.formats else ():

    rule:
        name:
            f"figures_{batch}"
        input:
            ingested=PLAN.work("ingest").format(batch=batch),
            measured=PLAN.work("measure").format(batch=batch),
            fitted=PLAN.work("fit").format(batch=batch),
        output:
            update(PLAN.work("figures").format(batch=batch)),
            [drawn(file) for file in PLAN.figures(batch)],
        log:
            PLAN.log("figures").format(batch=batch),
        resources:
            **PLAN.asked("figures", batch),
        params:
            **PLAN.params("figures", batch),
        message:
            f"drawing the figures of batch {batch}"
        script:
            "stages/figures.py"
