"""`composite-llm simulate`: offline models on a port of their own."""

import threading
from pathlib import Path
from typing import Annotated

import typer


def simulate(
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0 takes a free one.")] = 9100,
    replay: Annotated[
        Path | None,
        typer.Option(
            help='Recorded answers, JSONL or JSONL.gz: {"instruction": …, "outputs": {model: answer}}.',
            show_default=False,
        ),
    ] = None,
    alias: Annotated[
        list[str] | None,
        typer.Option(
            metavar="MODEL=RECORDED", help="Let a recorded model answer for another.", show_default=False
        ),
    ] = None,
    fault: Annotated[
        list[str] | None,
        typer.Option(
            metavar="MODEL=FAULT:PROBABILITY",
            help="Let a share of a model's calls fail, e.g. gpt-4o=429:0.2; * stands for every model.",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Another seed gives other answers.")] = 1,
    speed: Annotated[float, typer.Option(help="How many times faster than the real models.")] = 1.0,
    instant: Annotated[bool, typer.Option("--instant", help="Answer without waiting at all.")] = False,
) -> None:
    """Answer model calls offline, over HTTP, as OpenAI's API does.

    Example: composite-llm simulate --port 9100 --speed 10
    """
    from composite_llm.simulator import Simulator, SimulatorError

    try:
        simulator = Simulator(
            port=port,
            seed=seed,
            speed=0.0 if instant else speed,
            replay=replay,
            aliases=_pairs("--alias", alias or []),
            faults=_pairs("--fault", fault or []),
        ).start()
    except SimulatorError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    recorded = simulator.recorded_instructions
    typer.echo(f"Simulator on {simulator.url}" + (f", replaying {recorded} instructions" if recorded else ""))
    typer.echo("Give it to any OpenAI client as the base URL, with any key. Ctrl-C stops it.")
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        simulator.stop()


def _pairs(option: str, texts: list[str]) -> dict[str, str]:
    """`MODEL=VALUE` options as a mapping; a model given twice collects its values, by comma."""
    from composite_llm.simulator import OptionError

    pairs: dict[str, str] = {}
    for text in texts:
        model, equals, value = text.partition("=")
        if not (model and equals and value):
            raise OptionError(f"{option} takes MODEL=VALUE, not '{text}'.")
        pairs[model] = f"{pairs[model]},{value}" if model in pairs and option == "--fault" else value
    return pairs
