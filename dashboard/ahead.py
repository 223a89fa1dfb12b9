"""Asks for what a page will need, side by side, while the page is still being drawn.

The collector answers several questions at once; one after the other they would add up. A page then asks as usual: the
cache in `dashboard.queries` waits for a question under way instead of asking it twice.
"""

import threading
from collections.abc import Callable

from streamlit.runtime.scriptrunner import add_script_run_ctx

from collector.errors import CollectorError


def ask_ahead(*questions: Callable[[], object]) -> None:
    for question in questions:
        # Daemons, since nobody waits for an answer when the reader has gone on to another page.
        thread = threading.Thread(target=_asked, args=(question,), name="ask-ahead", daemon=True)
        add_script_run_ctx(thread)
        thread.start()


def _asked(question: Callable[[], object]) -> None:
    try:
        question()
    except CollectorError:
        return  # the page asks again where it needs the answer, and explains
