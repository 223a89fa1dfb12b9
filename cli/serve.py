"""`composite-llm serve`: composite models for every client of OpenAI or Anthropic."""

import sys
from pathlib import Path
from typing import Annotated

import typer


def serve(
    config: Annotated[
        Path | None,
        typer.Argument(help="LiteLLM proxy configuration; without one, the example that comes along."),
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes any free one.")] = 4000,
    host: Annotated[
        str,
        typer.Option(help="Address to listen at. Beyond this machine only with a key: LITELLM_MASTER_KEY."),
    ] = "127.0.0.1",
) -> None:
    """Start LiteLLM's proxy with composite models behind it.

    It takes /v1/chat/completions, /v1/responses and /v1/messages.

    Example: composite-llm serve --port 4000
    """
    from cli.screen import stop
    from collector.errors import CollectorError
    from collector.receivers.access import is_loopback_host
    from collector.receivers.doors import authority, listening_socket
    from composite_llm import settings
    from composite_llm.plugins.registry import BadPlugins
    from composite_llm.proxy.configuration import EXAMPLE, CannotServe, read_configuration
    from composite_llm.proxy.launch import serve as serve_proxy

    settings.read_dotenv()
    try:
        found = read_configuration(config or EXAMPLE)
        if not (found.key or is_loopback_host(host)):
            raise CannotServe(
                f"--host {host} lets other machines in, and no key keeps strangers out. Set LITELLM_MASTER_KEY "
                "to a secret that clients send as their API key."
            )
        listener = listening_socket(port, host)
    except (CollectorError, CannotServe) as error:
        raise stop(str(error)) from None

    def announce() -> None:
        where = f"http://{authority(listener)}"
        typer.echo(f"Serving composite models at {where} (base URL of OpenAI clients: {where}/v1)")
        key = "Clients send the key." if found.key else "No key is asked for, so only this machine may call."
        typer.echo(f"Configuration: {found.file}. {key}")
        sys.stdout.flush()

    typer.echo("Starting LiteLLM's proxy; that takes ten seconds or so.", err=True)
    try:
        serve_proxy(found, listener, announce)
    except (CannotServe, BadPlugins) as error:
        raise stop(str(error), code=1) from None
