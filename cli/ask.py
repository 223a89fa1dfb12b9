"""`composite-llm ask`: one request, its answer, and what it cost."""

from typing import Annotated, Any

import typer

Question = Annotated[str, typer.Argument(help="What to ask.")]
Mode = Annotated[str, typer.Option("--mode", "-m", help="Strategy: moa, council or direct.")]
Model = Annotated[
    str | None, typer.Option("--model", help="Base model: aggregator, chairman, or the only one.")
]
Member = Annotated[
    list[str] | None,
    typer.Option("--member", help="A proposer or council member; repeat it, or write 'model × 3'."),
]
Json = Annotated[bool, typer.Option("--json", help="Print answer and receipt as JSON.")]

MEMBERS_OF = {"moa": "proposers", "council": "council_models"}


def ask(
    question: Question, mode: Mode = "moa", model: Model = None, member: Member = None, json: Json = False
) -> None:
    """Run one composite request and print the answer and the receipt.

    Example: composite-llm ask --mode moa "Why is the sky blue?"
    """
    from openai import OpenAIError

    import composite_llm
    from cli.panel import choose_panel
    from composite_llm import settings

    settings.read_dotenv()
    panel = choose_panel(model, member or [])
    if panel.notice:
        typer.secho(panel.notice, fg="yellow", err=True)
    members = {MEMBERS_OF[mode]: list(panel.members)} if mode in MEMBERS_OF else {}
    try:
        response = composite_llm.completion(
            f"composite/{mode}/{panel.base_model}", [{"role": "user", "content": question}], **members
        )
    except OpenAIError as error:
        typer.secho(_sentence(error), fg="red", err=True)
        raise typer.Exit(1) from None
    _print(response, as_json=json)


def _print(response: Any, *, as_json: bool) -> None:
    from rich.console import Console
    from rich.text import Text

    import composite_llm
    from cli.receipt_view import receipt_view

    answer = response.choices[0].message.content or ""
    receipt = composite_llm.receipt(response)
    console = Console()
    if as_json:
        console.print_json(data={"answer": answer, "receipt": receipt.as_dict()})
        return
    console.print(Text(answer), "", receipt_view(receipt), Text(f"Trace {receipt.trace_id}", style="dim"))


def _sentence(error: Exception) -> str:
    return str(error).removeprefix(f"litellm.{type(error).__name__}: ")
