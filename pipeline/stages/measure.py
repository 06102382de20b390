"""Run the measure stage on one batch."""

from permeant.workflow.job import run_stage
from permeant.workflow.measure import measure_batch

run_stage(measure_batch, snakemake)
