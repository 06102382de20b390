"""What is in a file or a folder of recordings, before there is a project."""

from permeant.survey.trial import Trial, try_recording

__all__ = ["Trial", "try_recording"]
