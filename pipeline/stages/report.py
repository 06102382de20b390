"""Run the report stage on one batch."""

from permeant.workflow.report import report_batch
from permeant.workflow.job import Job

report_batch(Job.of(snakemake))
