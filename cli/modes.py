"""`composite-llm modes`: what can be run by name, how many calls it takes, and what a request may cost."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from composite_llm.profiles import Profile
    from composite_llm.request.reading import Request

modes = typer.Typer(
    name="modes", help="What can be run by name, its calls and its cost.", add_completion=False
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Dot = Annotated[bool, typer.Option("--dot", help="Print the graph for Graphviz.")]
Name = Annotated[str, typer.Argument(help="A profile's name.")]


@modes.callback(invoke_without_command=True)
def list_modes(context: typer.Context, json: Json = False) -> None:
    """List strategies and profiles, with calls and cost of a typical request.

    Example: composite-llm modes
    """
    if context.invoked_subcommand:
        return
    from cli.modes_view import modes_view
    from cli.screen import console, print_json
    from composite_llm.planning.listing import listing

    found = listing()
    if json:
        print_json(found.as_dict())
        return
    console().print(modes_view(found))


@modes.command()
def show(name: Name, json: Json = False, dot: Dot = False) -> None:
    """Draw one profile: its steps, who is asked in each, and who reads whom.

    Example: composite-llm modes show moa-then-reflect
    """
    from cli.modes_view import mode_view
    from cli.screen import console, print_json
    from composite_llm.planning.dot import in_dot
    from composite_llm.planning.drawing import drawing_of
    from composite_llm.planning.listing import row_of

    profile, request = _asked_for(name)
    drawn = drawing_of(request)
    if dot:
        print(in_dot(drawn, profile.name), end="")
    elif json:
        print_json({**row_of(profile).as_dict(), "graph": drawn.as_dict()})
    else:
        console().print(mode_view(row_of(profile), drawn))


def _asked_for(name: str) -> "tuple[Profile, Request]":
    from cli.screen import stop
    from composite_llm import profiles
    from composite_llm.errors import BadRequest
    from composite_llm.request.reading import read_request

    wanted = name.removeprefix("composite/").removeprefix("profile/")
    try:
        request: Any = read_request(f"profile/{wanted}", {})
    except BadRequest as error:
        raise stop(str(error)) from None
    profile = profiles.find(wanted)
    assert profile
    return profile, request
