"""Run the measure stage on one batch."""

from permeant.workflow.measure import measure_batch
from permeant.workflow.job import Job

measure_batch(Job.of(snakemake))
