"""Whole jobs: each composes analyses into one document."""

__all__: list[str] = []
