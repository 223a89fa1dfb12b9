"""Tools of the server's own."""

import pytest

from composite_llm.errors import BadRequest
from composite_llm.tools.box import Toolbox
from composite_llm.tools.registry import internal_tools, register_tool


def test_a_function_says_what_it_is_by_its_docstring_and_annotations(search):
    [tool] = internal_tools(["search_handbook"])

    assert tool.description == "Search the handbook."
    assert tool.parameters["properties"]["query"]["type"] == "string"
    assert tool.parameters["required"] == ["query"]
    assert {tool.name for tool in internal_tools(None)} == {"think", "python", "search_handbook"}


def test_a_tool_nobody_registered_is_named():
    with pytest.raises(BadRequest, match="no tool 'find' is registered here; registered are: think"):
        internal_tools(["find"])


def test_a_function_that_does_not_say_what_it_does_is_refused():
    with pytest.raises(ValueError, match="has no docstring"):
        register_tool(lambda x: x)


def test_a_clients_tool_keeps_its_name():
    """A client may have a `think` of its own."""
    clients = [{"type": "function", "function": {"name": "think"}}]

    box = Toolbox.of(internal_tools(["think"]), None, clients)

    assert [tool["function"]["name"] for tool in box.definitions] == ["think", "think_internal"]
