"""The command line: one subcommand is one function."""

__all__: list[str] = []
