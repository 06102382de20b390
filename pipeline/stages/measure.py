"""Run the measure stage on one batch."""

from permeant.workflow.job import Job
from permeant.workflow.measure import measure_batch

measure_batch(Job.of(snakemake))
