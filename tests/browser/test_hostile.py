"""Whoever sends spans writes what the pages show. On every page it stays text: nothing runs, nothing is fetched,
nothing moves the page, and a prompt of five megabytes is opened like any other."""

from urllib.parse import quote

import pytest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from playwright.sync_api import expect

from composite_llm import conventions as c
from tests.browser.conftest import STARTED_NS
from tests.otlp_traces import DAY, council_trace, exception_event, key_values, moa_trace, span_hex, trace_hex

POISON = (
    "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
    "![p](http://evil.example/p.png) [l](javascript:document.title='owned') https://evil.example/x "
    "`code` **bold** $e=mc^2$ :red[r] :material/bolt: <b>b</b> </div> {{x}} "
    "\x1b[31mred\x1b[0m \x07 \x00 \u202eltr\u202c \u2066i\u2069 \u200b\ufeff 👩‍👩‍👧‍👦 é̂̃ "
    "'; drop table spans; -- \" " + "w" * 400
)
READ_BY_US = {
    c.SPAN_TYPE,
    c.OPERATION,
    c.STAGE_KIND,
    c.OPENINFERENCE_KIND,
    c.CALL_OUTCOME,
    c.COST_SOURCE,
    c.USAGE_SOURCE,
    c.INPUT_MIME,
    c.OUTPUT_MIME,
}
"""With another text in them the spans would be some other program's."""
MEGABYTES = POISON * (5_000_000 // len(POISON))
MOA, COUNCIL, LARGE = 81, 82, 83
LONG_AGO = STARTED_NS - 40 * DAY
"""Outside the default window, so that the sums of the other tests stay as they are."""


@pytest.fixture
def poisoned(dashboard_server):
    everywhere = {"resource": {"service.name": POISON, POISON: POISON}, "scope": POISON}
    spans = [*moa_trace(MOA, start_ns=LONG_AGO), *council_trace(COUNCIL, start_ns=LONG_AGO)]
    for span in spans:
        poison(span)
    dashboard_server.send(*spans, **everywhere)
    dashboard_server.send(*moa_trace(LARGE, start_ns=LONG_AGO, question=MEGABYTES))
    return dashboard_server


def poison(span) -> None:
    span.name = span.status.message = span.trace_state = POISON
    for attribute in span.attributes:
        if attribute.key not in READ_BY_US:
            poison_value(attribute.value)
    span.attributes.extend(
        key_values(
            {
                POISON: POISON,
                c.ERROR_TYPE: POISON,
                c.USER_ID: POISON,
                c.SESSION_ID: POISON,
                c.TRACE_TAGS: [POISON, "a"],
            }
        )
    )
    span.events.append(exception_event(POISON, POISON))
    for link in span.links:
        link.attributes.extend(key_values({POISON: POISON}))


def poison_value(value: AnyValue) -> None:
    if value.HasField("string_value"):
        value.string_value = POISON
    for each in value.array_value.values:
        poison_value(each)


def addresses(server):
    url, name = server.url, quote(POISON)
    yield f"{url}/?window=all&origin=all"
    yield f"{url}/traces?window=all&origin=all&text={quote('owned')}"
    yield f"{url}/traces?window=all&origin=all&text={name}&model={name}&mode={name}&user={name}&tag={name}"
    for trace in (MOA, COUNCIL, LARGE):
        for view in ("Timeline", "Spans", "Conversation", "Raw"):
            yield f"{url}/trace?trace={trace_hex(trace)}&span={span_hex(3)}&view={view}"
    yield f"{url}/trace?trace={name}&span={name}&view={name}"
    yield f"{url}/recursion?window=all&origin=all"
    yield f"{url}/recursion?trace={trace_hex(MOA)}&span={span_hex(3)}"
    yield f"{url}/strategies?window=all&origin=all"
    yield f"{url}/strategies?window=all&origin=all&mode={name}&with={name}"
    yield f"{url}/diagnostics?window=all&origin=all"
    yield f"{url}/sql?sql={name}"
    yield f"{url}/playground?question={name}&mode={name}"


def test_hostile_text_is_text_on_every_page(visit, poisoned):
    for address in addresses(poisoned):
        page = visit(address)
        expect(page.get_by_test_id("stSidebar"), address).to_be_visible()
        assert page.get_by_test_id("stException").count() == 0, address
        assert page.title() != "owned", address
        assert leads_elsewhere(page) == [], address
        assert not moved_sideways(page), address


def moved_sideways(page) -> bool:
    return page.evaluate(
        "() => { const main = document.querySelector('[data-testid=stMain]');"
        " return main.scrollWidth > main.clientWidth + 1 }"
    )


def leads_elsewhere(page) -> list[str]:
    """What on the page is on another host, or would run: links and images."""
    return page.evaluate(
        "() => [...document.querySelectorAll('[href], [src]')].map(one => one.href || one.src)"
        ".filter(to => typeof to === 'string' && to && !/^(data|blob|about):/.test(to))"
        ".filter(to => new URL(to, location).host !== location.host)"
    )
