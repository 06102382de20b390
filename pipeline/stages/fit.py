"""Run the fit stage on one batch."""

from permeant.workflow.fit import fit_batch
from permeant.workflow.job import run_stage

run_stage(fit_batch, snakemake)
