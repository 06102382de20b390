"""Join the batches into tables and the index page."""

from permeant.workflow.job import run_stage
from permeant.workflow.summary import summarise

run_stage(summarise, snakemake)
