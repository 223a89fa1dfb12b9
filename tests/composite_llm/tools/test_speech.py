"""What a client hears of an answer that is written in several turns, some with tools that run here."""

import litellm
from litellm.types.utils import Delta, ModelResponseStream, StreamingChoices

from composite_llm.engine.calls import Call, Reply
from composite_llm.engine.transport import Answer, choices_of
from composite_llm.streaming.sink import Sink
from composite_llm.tools.box import Toolbox
from composite_llm.tools.registry import internal_tools
from composite_llm.tools.speech import Speech
from tests.composite_llm.tools.asking import CLOCK, WEATHER

BOX = Toolbox.of(internal_tools(["think"]), None, [WEATHER, CLOCK])


def chunk(content=None, *parts):
    calls = [
        {
            "index": index,
            "id": call_id,
            "type": "function",
            "function": {"name": name, "arguments": arguments},
        }
        for index, call_id, name, arguments in parts
    ]
    delta = Delta(content=content, tool_calls=calls or None)
    return ModelResponseStream(choices=[StreamingChoices(index=0, delta=delta)])


def heard(sink):
    pieces = []
    while not sink._items.empty():
        [choice] = sink._items.get_nowait().chunk.choices
        delta = choice.delta
        calls = [(call.index, call.function.name, call.function.arguments) for call in delta.tool_calls or ()]
        pieces.append(delta.content or calls)
    return pieces


def reply(text):
    message = {"role": "assistant", "content": text}
    response = litellm.ModelResponse(choices=[{"index": 0, "finish_reason": "stop", "message": message}])
    return Reply(Call("m", [], "direct"), Answer(response, choices_of(response), None, None), None)


async def test_calls_that_run_here_are_not_heard_and_the_others_are_counted_anew():
    turn = Speech(sink := Sink(), BOX).next_turn()

    for parts in (
        [(0, "c0", "think", "")],
        [(0, None, None, '{"thought": "hm"}')],
        [(1, "c1", "get_weather", "{")],
        [(2, "c2", "think", "{}"), (3, "c3", "get_time", "{}")],
        [(1, None, None, "}")],
    ):
        assert turn.speak(chunk(None, *parts), "attempt")

    assert heard(sink) == [[(0, "get_weather", "{")], [(1, "get_time", "{}")], [(0, None, "}")]]


async def test_words_pass_and_those_of_the_next_turn_are_set_off():
    speech = Speech(sink := Sink(), BOX)
    first = speech.next_turn()
    first.speak(chunk("Let me "), "a")
    first.speak(chunk("think."), "a")
    second = speech.next_turn()
    second.speak(chunk("It is "), "b")
    second.speak(chunk("cold."), "b")

    assert heard(sink) == ["Let me ", "think.", "\n\nIt is ", "cold."]


async def test_a_turn_of_which_nothing_was_heard_can_be_tried_again():
    speech = Speech(Sink(), BOX)
    speech.next_turn().speak(chunk("Let me think."), "a")
    turn = speech.next_turn()
    turn.final_begins()
    turn.speak(chunk(None, (0, "c0", "think", "{}")), "b")

    assert turn.spoke_at is None
    assert turn.speak(chunk("It is cold."), "c")
    assert turn.spoke_at is not None
    assert not turn.speak(chunk("It is warm."), "d")  # an attempt beside it, too late


async def test_a_last_turn_that_comes_in_one_piece_after_words_is_heard():
    speech = Speech(sink := Sink(), BOX)
    speech.next_turn().speak(chunk("Let me think."), "a")
    speech.next_turn()
    speech.end(reply("It is cold."))
    speech.end(reply("It is cold."))

    assert heard(sink) == ["Let me think.", "\n\nIt is cold."]


async def test_where_nothing_was_heard_the_whole_answer_is_left_to_be_replayed():
    speech = Speech(sink := Sink(), BOX)
    speech.next_turn()
    speech.end(reply("It is cold."))

    assert (heard(sink), sink.spoke_at) == ([], None)
