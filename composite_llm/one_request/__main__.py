"""`python -m composite_llm.one_request`: orders in, a JSON object a line, and what comes of them out."""

import os
import queue
import threading
from collections.abc import Iterator
from dataclasses import asdict

from pydantic import ValidationError

from composite_llm import settings
from composite_llm.one_request.asked import Asked, Order

STANDARD_INPUT = 0


def lines() -> Iterator[str]:
    """Of the input, read below Python's own: its lock would be held at the end of the process."""
    waiting = b""
    while read := os.read(STANDARD_INPUT, 65_536):
        *whole, waiting = (waiting + read).split(b"\n")
        yield from (line.decode(errors="replace") for line in whole)


def main() -> None:
    settings.read_dotenv()
    orders: queue.Queue[Order | None] = queue.Queue()
    cancelled = threading.Event()
    threading.Thread(target=_listen, args=(orders, cancelled), name="orders", daemon=True).start()
    # LiteLLM, which takes seconds: what is ordered meanwhile waits.
    from composite_llm.one_request.telling import tell

    _prepare()
    tell("ready")
    while (order := orders.get()) is not None:
        if order.do == "estimate" and order.asked:
            tell("estimate", number=order.number, **_estimated(order.asked))
        if order.do == "run" and order.asked:
            _run(order.asked, cancelled)
            return


def _listen(orders: "queue.Queue[Order | None]", cancelled: threading.Event) -> None:
    for line in lines():
        try:
            order = Order.model_validate_json(line)
        except ValidationError:
            continue  # only the page writes here
        if order.do == "cancel":
            break
        orders.put(order)
    cancelled.set()
    orders.put(None)


def _prepare() -> None:
    import composite_llm

    composite_llm.register()


def _run(asked: Asked, cancelled: threading.Event) -> None:
    from composite_llm.one_request.running import run
    from composite_llm.one_request.telling import Listener
    from composite_llm.plugins.registry import install

    settings.read_dotenv()  # a key that was missing may be there now
    if asked.simulate:
        os.environ["COMPOSITE_LLM_SIMULATE"] = "1"
    listener = Listener()
    install(listener)
    run(asked, cancelled, listener)


def _estimated(asked: Asked) -> dict[str, object]:
    from composite_llm.errors import BadRequest
    from composite_llm.one_request.running import keys_missing
    from composite_llm.planning.estimate import estimate
    from composite_llm.request.reading import read_request
    from composite_llm.request.route import COMPOSITE_PREFIX

    try:
        known = estimate(read_request(asked.model.removeprefix(COMPOSITE_PREFIX), asked.parameters))
        return {"estimate": known and asdict(known), "problem": "", "missing": keys_missing(asked)}
    except BadRequest as error:
        return {"estimate": None, "problem": str(error), "missing": {}}


if __name__ == "__main__":
    main()
