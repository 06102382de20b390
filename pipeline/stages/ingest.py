"""Run the ingest stage on one batch."""

from permeant.workflow.ingest import ingest_batch
from permeant.workflow.job import run_stage

run_stage(ingest_batch, snakemake)
