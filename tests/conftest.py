"""What all tests share: the automated run draws the same random examples every time."""

import os

from hypothesis import settings

settings.register_profile("automated", derandomize=True, deadline=None)
settings.register_profile("desk", deadline=None)
settings.load_profile("automated" if os.environ.get("CI") else "desk")
