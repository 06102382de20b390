"""Run the report stage on one batch."""

from permeant.workflow.job import Job
from permeant.workflow.report import report_batch

report_batch(Job.of(snakemake))
