"""Run the fit stage on one batch."""

from permeant.workflow.fit import fit_batch
from permeant.workflow.job import Job

fit_batch(Job.of(snakemake))
