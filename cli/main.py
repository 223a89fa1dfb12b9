"""`composite-llm`: one command per file of this package."""

import typer

from cli.ask import ask
from cli.collect import collect
from cli.demo import demo
from cli.modes import modes
from cli.prune import prune
from cli.screen import prepare
from cli.search import search
from cli.serve import serve
from cli.simulate import simulate
from cli.sql import sql
from cli.trace import trace
from cli.traces import traces
from composite_llm import settings

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
for command in (ask, demo, traces, search, sql, prune, collect, simulate, serve):
    app.command()(command)
app.add_typer(trace, name="trace")
app.add_typer(modes, name="modes")


@app.callback()
def composite_llm() -> None:
    """Run composite LLM strategies and see, to the cent, what each one did."""
    prepare()
    # Before a command's options are read, since many of them may be set there.
    settings.read_dotenv()


if __name__ == "__main__":
    app()
