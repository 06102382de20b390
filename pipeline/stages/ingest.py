"""Run the ingest stage on one batch."""

from permeant.workflow.ingest import ingest_batch
from permeant.workflow.job import Job

ingest_batch(Job.of(snakemake))
