# What `snakemake --report` shows: tables, and figures for papers where there are any.


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
