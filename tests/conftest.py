"""What every test runs under: one profile of Hypothesis and no window of matplotlib."""

import os

from hypothesis import settings

os.environ.setdefault("MPLBACKEND", "Agg")  # machines that run tests have no display

# The default run draws the same examples every time: a failure is never news by chance. Look for new ones
# with HYPOTHESIS_PROFILE=explore.
settings.register_profile("default", deadline=None, derandomize=True, print_blob=True)
settings.register_profile("explore", deadline=None, max_examples=1000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))
