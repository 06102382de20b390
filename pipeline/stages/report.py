"""Run the report stage on one batch."""

from permeant.workflow.job import run_stage
from permeant.workflow.report import report_batch

run_stage(report_batch, snakemake)
