# The figures for papers: a job a batch, since each file is an output of its own.  Without the key
# figures in config.yaml there is nothing here, and no work.


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
