"""Draw the figures for papers of one batch."""

from permeant.workflow.job import run_stage
from permeant.workflow.paper import draw_batch

run_stage(draw_batch, snakemake)
