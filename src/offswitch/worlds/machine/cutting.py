"""A text held to a length. Standard library only: it is also used inside a container."""


def cut(text: str, limit: int) -> str:
    """Cut a text to `limit` characters, saying how much was cut."""
    if len(text) > limit:
        text = f"{text[: limit // 2]}\n[... {len(text) - limit} characters cut ...]\n{text[-(limit // 2) :]}"
    return text.rstrip("\n")
