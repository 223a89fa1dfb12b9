"""`composite-llm ask`: one request, its answer, and what it cost."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from composite_llm import Receipt

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
Stream = Annotated[bool, typer.Option("--stream", help="Print the answer while it is written.")]

MEMBERS_OF = {"moa": "proposers", "council": "council_models"}


def ask(
    question: Question,
    mode: Mode = "moa",
    model: Model = None,
    member: Member = None,
    json: Json = False,
    stream: Stream = False,
) -> None:
    """Run one composite request and print the answer and the receipt.

    Example: composite-llm ask --mode moa "Why is the sky blue?"
    """
    from openai import OpenAIError

    import composite_llm
    from cli.panel import KeysMissing, choose_panel
    from cli.screen import say, stop
    from cli.streamed import print_as_it_comes
    from composite_llm.redaction import BadPatterns

    members = [name for name in member or [] if name.strip()]
    if not question.strip():
        raise stop("There is no question.")
    if json and stream:
        raise stop("--json prints everything at the end: leave out --stream.")
    if members and mode == "direct":
        raise stop("--mode direct asks one model: name it with --model instead of --member.")
    try:
        composite_llm.register()
    except BadPatterns as error:
        raise stop(str(error)) from None
    try:
        panel = choose_panel(model, members)
        say(panel.notice, "yellow")
        given = {MEMBERS_OF[mode]: list(panel.members)} if mode in MEMBERS_OF else {}
        messages = [{"role": "user", "content": question}]
        if stream:
            given |= {"stream": True, "progress": "reasoning"}
        response = composite_llm.completion(f"composite/{mode}/{panel.base_model}", messages, **given)
        if stream:
            _print_receipt(composite_llm.receipt(print_as_it_comes(response)))
            return
    except (OpenAIError, KeysMissing) as error:
        error = getattr(error, "original_exception", None) or error  # of a stream that broke
        raise stop(str(error).removeprefix(f"litellm.{type(error).__name__}: "), code=1) from None
    _print(response, as_json=json)


def _print(response: Any, *, as_json: bool) -> None:
    from rich.text import Text

    import composite_llm
    from cli.screen import console, printable

    answer = response.choices[0].message.content or ""
    receipt = composite_llm.receipt(response)
    if as_json:
        console().print_json(data={"answer": answer, "receipt": receipt.as_dict()})
        return
    console().print(Text(printable(answer)))
    _print_receipt(receipt)


def _print_receipt(receipt: "Receipt") -> None:
    from rich.text import Text

    from cli.receipt_view import receipt_view
    from cli.screen import console

    screen = console()
    trace = Text(f"Trace {receipt.trace_id}", style="dim")
    screen.print("", receipt_view(receipt, width=screen.width), trace)
