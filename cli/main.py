"""`composite-llm`: one command per file of this package."""

import typer

from cli.collect import collect
from cli.simulate import simulate

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.command()(collect)
app.command()(simulate)


@app.callback()
def composite_llm() -> None:
    """Run composite LLM strategies and see, to the cent, what each one did."""


if __name__ == "__main__":
    app()
