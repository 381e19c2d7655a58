"""One file per number in the paper: each analysis is a frozen result class and one function."""

__all__: list[str] = []
