"""How far a search has come, for a person who waits."""

from collections.abc import Callable, Generator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from dashboard import fmt


@contextmanager
def search_bar(screen: Console) -> Generator[Callable[[float, int], None]]:
    """Takes the share that was searched and the number of runs found; shows nothing where nobody looks."""
    columns = (
        TextColumn("searching"),
        BarColumn(complete_style="cyan", finished_style="cyan"),
        TaskProgressColumn(),
        TextColumn("{task.fields[found]} · Ctrl-C stops", style="dim"),
    )
    progress = Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal)
    with progress:
        task = progress.add_task("", total=1.0, found=fmt.plural(0, "run"))

        def show(share: float, found: int) -> None:
            progress.update(task, completed=share, found=fmt.plural(found, "run"))

        yield show
