"""Run the permeability stage on one batch."""

from permeant.workflow.job import run_stage
from permeant.workflow.permeability import permeability_batch

run_stage(permeability_batch, snakemake)
