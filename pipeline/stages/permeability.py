"""Run the permeability stage on one batch."""

from permeant.workflow.job import Job
from permeant.workflow.permeability import permeability_batch

permeability_batch(Job.of(snakemake))
