"""The dashboard's server: `streamlit run dashboard/app.py`, with the configuration beside this file.

Pages are drawn when somebody looks. What must not wait for that starts here, with the server: the collector,
since programs send whether anybody looks or not, and the sample runs of an empty store.
"""

import threading
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import streamlit as st

from collector.errors import CollectorError
from collector.launch import ensure_collector
from composite_llm import settings
from dashboard import samples


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncGenerator[None]:
    """In a thread, so that the first page is served while the collector starts."""
    settings.read_dotenv()
    threading.Thread(target=prepare, name="prepare", daemon=True).start()
    yield


def prepare() -> None:
    try:
        health = ensure_collector(settings.load())
    except CollectorError:
        return  # every page says so, and what to do
    samples.recording_for(health)


app = st.App("navigation.py", lifespan=lifespan)
