"""What a model thinks aloud in the text of its message, between tags: it is nobody's but its own, and no act."""

import re

_TAG = re.compile(
    r"<(/?)(think|thinking|thought|thoughts|reasoning|scratchpad|scratchpad_reasoning|reflection)\s?>", re.I
)


def without(text: str) -> str:
    """Return the text without its thoughts: between such tags, and before a first one that only closes. Linear.

    A thought that is never closed is left as it is: what stands after it may have been meant.
    """
    if "<" not in text:
        return text
    kept, at, since = list[str](), 0, 0
    inside: str | None = None
    for tag in _TAG.finditer(text):
        name = tag[2].lower()
        if not tag[1]:
            if inside is None:
                inside, since = name, tag.start()
        elif inside == name:
            kept.append(text[at:since])
            at, inside = tag.end(), None
        elif inside is None and at == 0 and not kept:
            at = tag.end()
    return "".join([*kept, text[at:]])
