"""`composite-llm ask`: one request, its answer, and what it cost."""

import os
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from composite_llm import Receipt

Question = Annotated[str, typer.Argument(help="What to ask.")]
Mode = Annotated[
    str, typer.Option("--mode", "-m", help="Strategy (moa, council, direct), or a profile's name.")
]
Profile = Annotated[
    str | None, typer.Option("--profile", "-p", help="A profile's name, as `composite-llm modes` lists them.")
]
Model = Annotated[
    str | None, typer.Option("--model", help="Base model: aggregator, chairman, or the only one.")
]
Member = Annotated[
    list[str] | None,
    typer.Option(
        "--member", help="A proposer, council member, candidate or debater; repeat it, or write 'model × 3'."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print answer and receipt as JSON.")]
Stream = Annotated[bool, typer.Option("--stream", help="Print the answer while it is written.")]

ONE_MODEL = ("direct", "composer-cli", "self_consistency", "best_of_n", "think", "reflect")
MEMBERS_OF = {
    "moa": "proposers",
    "council": "council_models",
    "fusion": "panel",
    "judge": "candidates",
    "debate": "agent_models",
}


def ask(
    question: Question,
    mode: Mode = "moa",
    profile: Profile = None,
    model: Model = None,
    member: Member = None,
    json: Json = False,
    stream: Stream = False,
) -> None:
    """Run one composite request and print the answer and the receipt.

    Examples: composite-llm ask --mode moa "Why is the sky blue?",
    composite-llm ask --profile moa-then-reflect "Why is the sky blue?"
    """
    from openai import OpenAIError

    import composite_llm
    from cli.panel import KeysMissing
    from cli.screen import say, stop
    from cli.streamed import print_as_it_comes
    from composite_llm.errors import BadRequest
    from composite_llm.redaction import BadPatterns

    members = [name for name in member or [] if name.strip()]
    if not question.strip():
        raise stop("There is no question.")
    if json and stream:
        raise stop("--json prints everything at the end: leave out --stream.")
    if members and mode in ONE_MODEL and not profile:
        raise stop(f"--mode {mode} asks one model: name it with --model instead of --member.")
    try:
        composite_llm.register()
    except BadPatterns as error:
        raise stop(str(error)) from None
    try:
        named = f"profile/{profile}" if profile else mode
        if profile or _is_profile(mode):
            if model or members:
                raise stop(
                    f"{profile or mode} is a profile and names its own models: leave out --model and --member."
                )
            asked, given, notice = named, {}, _notice_for(named)
        else:
            asked, given, notice = _with_panel(mode, model, members)
        say(notice, "yellow")
        messages = [{"role": "user", "content": question}]
        if stream:
            given |= {"stream": True, "progress": "reasoning"}
        response = composite_llm.completion(f"composite/{asked}", messages, **given)
        if stream:
            _print_receipt(composite_llm.receipt(print_as_it_comes(response)))
            return
    except (OpenAIError, KeysMissing, BadRequest) as error:
        error = getattr(error, "original_exception", None) or error  # of a stream that broke
        raise stop(str(error).removeprefix(f"litellm.{type(error).__name__}: "), code=1) from None
    _print(response, as_json=json)


def _with_panel(mode: str, model: str | None, members: list[str]) -> tuple[str, dict[str, Any], str]:
    """A strategy with models chosen for it: what to ask, its parameters, and what to say about the choice."""
    from cli.panel import choose_panel
    from cli.screen import stop
    from composite_llm.strategies import STRATEGIES

    if (
        mode in STRATEGIES and STRATEGIES[mode].names_provider
    ):  # a program of this machine, which needs no key
        if not model:
            raise stop(f"--mode {mode} needs --model, such as --model auto.")
        return f"{mode}/{model}", {}, ""
    panel = choose_panel(model, members)
    given: dict[str, Any] = {MEMBERS_OF[mode]: list(panel.members)} if mode in MEMBERS_OF else {}
    return f"{mode}/{panel.base_model}", given, panel.notice


def _is_profile(name: str) -> bool:
    """Also one that cannot be used, so that the error is about it."""
    from composite_llm import profiles
    from composite_llm.strategies import STRATEGIES

    return name not in STRATEGIES and bool(profiles.find(name) or profiles.problems_of(name))


def _notice_for(profile: str) -> str:
    """What to say before a profile is run; without any key for its models, this process simulates them all."""
    from cli.panel import simulation_needed
    from composite_llm import settings
    from composite_llm.engine.nesting import plain_models
    from composite_llm.request.reading import read_request

    if settings.load().simulate:
        return ""
    request = read_request(profile, {})
    notice = simulation_needed(plain_models(request, 0, request.options.max_composite_depth))
    if notice:
        os.environ["COMPOSITE_LLM_SIMULATE"] = "1"
    return notice


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
