"""Tools a client brings, and what it sends next."""

GPT, MINI, SONNET = "sim/openai/gpt-4o", "sim/openai/gpt-4o-mini", "sim/anthropic/claude-sonnet-4-5"
MOA, DIRECT, COUNCIL = (f"composite/{name}/{GPT}" for name in ("moa", "direct", "council"))


def tool(name, **properties):
    parameters = {"type": "object", "properties": properties, "required": list(properties)}
    return {"type": "function", "function": {"name": name, "description": name, "parameters": parameters}}


WEATHER = tool("get_weather", city={"enum": ["Oslo"]})
CLOCK = tool("get_time", zone={"enum": ["CET"]})
QUESTION = [{"role": "user", "content": "Use get_weather: is it cold in Oslo?"}]
"""The simulated models call a tool that is mentioned, until a tool has answered."""


def calls_of(response):
    return response.choices[0].message.tool_calls or []


def names_of(response):
    return [call.function.name for call in calls_of(response)]


def after(messages, response, result="4 degrees"):
    """The client's next request: its tools have run."""
    message = response.choices[0].message.model_dump(exclude_none=True)
    results = [
        {"role": "tool", "tool_call_id": call["id"], "content": result} for call in message["tool_calls"]
    ]
    return [*messages, message, *results]


def turn(place, result):
    """A turn of the tool loop as a client tells of it, whatever the models said."""
    function = {"name": "get_weather", "arguments": '{"city": "Oslo"}'}
    call = {"id": f"call_{place}", "type": "function", "function": function}
    return [
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": f"call_{place}", "content": result},
    ]


def bodies(server, model):
    """Of the requests that came for a model, in the order in which they ended."""
    return [record.body for record in server.requests if record.model.endswith(f"/{model}")]


def as_sent(messages):
    """LiteLLM leaves out what is None."""
    return [{name: value for name, value in message.items() if value is not None} for message in messages]
