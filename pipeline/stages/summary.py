"""Join the batches into tables and the index page."""

from permeant.workflow.job import Job
from permeant.workflow.summary import summarise

summarise(Job.of(snakemake))
