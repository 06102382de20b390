"""Run the permeability stage on one batch."""

from permeant.workflow.permeability import permeability_batch
from permeant.workflow.job import Job

permeability_batch(Job.of(snakemake))
