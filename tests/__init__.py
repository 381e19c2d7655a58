"""Tests; a package, so that `tests.datafiles` can never be another project's `tests`."""
