"""The collector this dashboard asks, and what a reader is told when it cannot be asked."""

from collections.abc import Generator
from contextlib import contextmanager

import streamlit as st

from collector.client import CollectorClient
from collector.errors import CollectorError
from collector.launch import ensure_collector
from collector.monitoring.health import Health
from composite_llm import settings


@st.cache_resource(show_spinner=False, on_release=CollectorClient.close)
def client(url: str) -> CollectorClient:
    return CollectorClient(url)


def ensure() -> Health:
    """What the collector says of itself: the one that runs already, or one started here that ends with this server.

    Called on every full run of the app, since a collector may go at any time; asking one that is there is one
    request over loopback.
    """
    with st.spinner("Starting the collector …", show_time=True):
        return ensure_collector(settings.load())


@contextmanager
def explained() -> Generator[None]:
    """What the collector cannot do becomes a sentence and a button, never a traceback.

    Around the app as a whole, and around every fragment, which also runs without it.
    """
    try:
        yield
    except CollectorError as problem:
        st.error("The trace store cannot be read.", icon=":material/error:")
        sentence = str(problem)
        st.text(sentence[:1].upper() + sentence[1:])
        # The whole app and not only a fragment: it is the app that starts a collector.
        if st.button("Try again", type="primary", icon=":material/refresh:"):
            st.rerun()
        st.stop()
