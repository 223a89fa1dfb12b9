"""Where a click on a figure leads: to the runs that make it up, under the filters that stand."""

from streamlit.testing.v1 import AppTest

from dashboard.links import Runs


def berlin(script):
    app = AppTest.from_function(script, default_timeout=60)
    app.context = {"timezone": "Europe/Berlin", "timezone_offset": -60}
    return app


def page():
    import streamlit as st

    from dashboard import links, state

    st.pills("Window", [*state.WINDOWS, state.CUSTOM], default="7d", key=state.WINDOW, bind="query-params")
    st.pills(
        "Strategies",
        ["moa", "council"],
        selection_mode="multi",
        key=state.STRATEGIES,
        bind="query-params",
    )
    # The minute from 13:00 to 13:01 on 21 November 2026 in Berlin.
    bar = links.Runs(strategy="moa", model="a/b", sort="cost", since_s=1_795_262_400, until_s=1_795_262_460)
    st.button("bar", on_click=links.choose_runs, args=(bar,))
    st.json(st.session_state.get(links.NEXT))


def test_a_click_narrows_the_window_and_the_strategies_and_tells_the_list_the_rest():
    app = berlin(page).run()
    app.button[0].click().run()

    assert app.session_state["window"] == "custom"
    assert app.session_state["strategy"] == ["moa"]
    assert (app.session_state["from"], app.session_state["to"]) == ("2026-11-21T13:00+01:00",) * 2
    assert app.session_state["page_to_open"] == ("views/traces.py", {"sort": "cost", "model": "a/b"})


def hour():
    import streamlit as st

    from dashboard import links

    st.json(links.Runs(since_s=1_795_262_400, until_s=1_795_266_000).window())
    # A bar of five seconds is shown by the minute it lies in.
    st.json(links.Runs(since_s=1_795_262_405, until_s=1_795_262_410).window())


def test_the_last_minute_of_a_bar_is_in_its_window():
    told = [element.value for element in berlin(hour).run().json]

    assert told == [
        '{"from": "2026-11-21T13:00+01:00", "to": "2026-11-21T13:59+01:00"}',
        '{"from": "2026-11-21T13:00+01:00", "to": "2026-11-21T13:00+01:00"}',
    ]


def test_what_is_not_given_is_not_in_the_address():
    assert Runs().of_the_list() == {}
    assert Runs(errors_only=True, user="ann").of_the_list() == {"errors": "true", "user": "ann"}
