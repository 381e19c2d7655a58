"""Results as tables, figures and pages, rendered from documents and the units in their fields."""

__all__: list[str] = []
