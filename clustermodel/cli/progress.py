"""How far is a long job? A bar on the standard error of a terminal, and nothing elsewhere."""

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

__all__ = ["build_progress"]


def build_progress() -> Progress:
    """Return a progress bar that vanishes when it is done.

    Returns
    -------
    Progress
        To be entered with ``with``; it stays silent where the standard error is no terminal.

    Examples
    --------
    >>> with build_progress() as progress:
    ...     task = progress.add_task("fits", total=2)
    ...     progress.advance(task)
    """
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
        transient=True,
    )
