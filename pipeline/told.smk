# How mistakes of a project are told.
from permeant.errors import ProjectError


def told(work, *given):
    """Mistakes of a project in Snakemake's way of telling them."""
    try:
        return work(*given)
    except ProjectError as mistakes:
        raise WorkflowError(str(mistakes)) from None
