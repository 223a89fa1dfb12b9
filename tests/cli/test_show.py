"""`composite_llm.show`: inline in IPython, as text elsewhere, and the receipt where nothing is stored."""

import json

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

import composite_llm
from composite_llm.telemetry import tracer
from tests.cli.conftest import send
from tests.collector.running import CollectorProcess
from tests.otlp_traces import council_trace, trace_hex

IN_IPYTHON = """
import json, os
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

shell = InteractiveShell.instance()
def displayed(cell):
    with capture_output(display=True) as captured:
        shell.run_cell(cell).raise_error()
    [output] = captured.outputs
    return output.data

shell.run_cell('''
import composite_llm
response = composite_llm.completion(
    "composite/moa/sim/openai/gpt-4o",
    [{"role": "user", "content": "Why is the sky blue?"}],
    proposers=["sim/openai/gpt-4o-mini × 2"],
)
''').raise_error()
shown = [displayed("composite_llm.show(response)"), displayed("composite_llm.show('0x2')")]
os.environ["COMPOSITE_LLM_COLLECTOR"] = "http://127.0.0.1:9"
shown.append(displayed("composite_llm.show(response)"))
print(json.dumps(shown))
"""


def test_in_a_notebook_a_run_is_drawn_by_response_and_by_id_and_else_its_receipt(
    program, forks, model_server, tmp_path
):
    """In a real IPython shell, one process for all three, since LiteLLM takes its time to load."""
    script = tmp_path / "notebook.py"
    ours = {"COMPOSITE_LLM_SIMULATOR": model_server.url, "IPYTHONDIR": str(tmp_path / "ipython")}
    with CollectorProcess(tmp_path / "data", composite_llm=forks.composite_llm) as collector:
        send(collector.url, council_trace(2))
        ours["COMPOSITE_LLM_COLLECTOR"] = collector.url
        script.write_text(IN_IPYTHON.replace("'0x2'", f"'0x{trace_hex(2)}'"))
        done = program(script=script, **ours)
    assert done.returncode == 0, done.stderr.decode()
    by_response, by_id, alone = json.loads(done.stdout.splitlines()[-1])

    assert by_response.keys() == {"text/plain", "text/html"}
    assert by_response["text/html"].count("<svg") == 6, "the request, two stages and three calls"
    assert "Simulated: no model was asked" in by_response["text/html"]
    assert "└ aggregator" in by_response["text/plain"]

    assert "Which proof is shortest?" in by_id["text/html"]
    assert "$0.1500" in by_id["text/plain"]

    assert "<svg" not in alone["text/html"]
    assert "sim/openai/gpt-4o-mini" in alone["text/html"]
    assert "This is the receipt alone" in alone["text/html"]
    assert "No collector answers at http://127.0.0.1:9" in alone["text/html"]
    assert "total" in alone["text/plain"]


def test_outside_a_notebook_it_prints_what_the_terminal_shows(command, capsys):
    composite_llm.show(trace_hex(1))
    printed = capsys.readouterr().out

    assert printed == command("trace", "show", trace_hex(1)).stdout
    assert "proposer 3 2.0 s → aggregator 1.0 s" in printed


def test_an_id_that_is_not_stored_is_one_sentence(command, capsys, monkeypatch):
    monkeypatch.setattr("cli.show.SECONDS_TO_WAIT", 0)
    composite_llm.show("f" * 32)

    assert f"No run has the id {'f' * 32}." in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("wrong", ["no hex", 42, None])
def test_what_is_no_run_is_a_value_error(command, wrong):
    with pytest.raises(ValueError, match="trace id|composite response"):
        composite_llm.show(wrong)


def test_ended_spans_are_handed_over_at_once(monkeypatch):
    memory = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(memory, schedule_delay_millis=3_600_000))
    monkeypatch.setattr(tracer, "_tracer", None)
    monkeypatch.setattr(tracer, "_provider", None)
    tracer.use_tracer_provider(provider)
    tracer.tracer().start_span("span").end()

    before = len(memory.get_finished_spans())
    tracer.flush()

    assert (before, len(memory.get_finished_spans())) == (0, 1)
    provider.shutdown()
