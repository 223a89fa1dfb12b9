"""A trace as an indented outline, so that a test shows the whole of it."""

from composite_llm import conventions as c


def outline(spans):
    """One line per span: its name, its role or outcome where it has one; siblings by start, then index."""
    children = {}
    for span in spans:
        children.setdefault(span.parent.span_id if span.parent else None, []).append(span)
    known = {span.context.span_id for span in spans}
    roots = [span for span in spans if not span.parent or span.parent.span_id not in known]
    return "\n".join(line for root in sorted(roots, key=_order) for line in _lines(root, children, 0))


def _lines(span, children, depth):
    yield "  " * depth + _label(span)
    for child in sorted(children.get(span.context.span_id, []), key=_order):
        yield from _lines(child, children, depth + 1)


def _order(span):
    attributes = span.attributes
    return (
        attributes.get(c.STAGE_INDEX, 0),
        attributes.get(c.CALL_INDEX, 0),
        attributes.get(c.CALL_ATTEMPT, 1),
        span.start_time,
    )


def _label(span):
    role, outcome = span.attributes.get(c.CALL_ROLE), span.attributes.get(c.CALL_OUTCOME)
    return span.name + (f" ({role})" if role else "") + (f" {outcome}" if outcome not in {None, "ok"} else "")
