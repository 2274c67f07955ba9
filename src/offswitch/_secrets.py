"""What may not be written down: keys, tokens, passwords. Whatever a provider or a user's settings say passes through here.

Known are the values of environment variables and of provider arguments whose names say that they are secret, and the
credentials inside addresses. A value is replaced wherever it stands if it looks like a key (`_strong`): a password that is
a plain word cannot be told from the same word in a model's answer, and stays.
"""

import os
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

SHOWN = "(not stored)"
_NAMED = re.compile(
    r"(?i)(?:^|[^a-z])(?:key|auth)(?:$|[^a-z])|api_?key|token(?!s|iz)|secret|passw|passphrase|credential|authoriz|cookie"
)
_USER = re.compile(r"(?<=://)([^\s/@?#:'\"]*)(?::([^\s/?#'\"]*))?(?=@[^\s/@])")
_QUERY = re.compile(r"(?<=[?&])([^=&\s]+)=([^&\s'\"#]+)")
_HEADER = re.compile(r"(?i)\b(bearer|basic)\s+(?=[\w.~+/-]*\d)([\w.~+/-]{8,}=*)")
_learnt: set[str] = set()


def secret_name(name: str) -> bool:
    """Return whether a name says that its value is a secret (`api_key`, `X-Auth-Token`, `OPENAI_API_KEY`)."""
    return _NAMED.search(name) is not None


def learn(value: Any, name: str = "") -> None:
    """Remember the secrets in a provider's arguments (a mapping, a list or a text, however deep)."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            learn(inner, str(key))
    elif isinstance(value, list | tuple):
        for inner in value:
            learn(inner, name)
    else:
        text = str(value)
        _learnt.update(_forms(text) if secret_name(name) else (f for s in _inside(text) for f in _forms(s)))


def showable(value: Any, name: str = "") -> Any:
    """Return a provider's argument as it may be stored: what is named as a secret, and credentials in addresses, left out."""
    if secret_name(name):
        return SHOWN
    if isinstance(value, Mapping):
        return {k: showable(v, str(k)) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [showable(v, name) for v in value]
    return clean(value) if isinstance(value, str) else value


def hide(text: str) -> str:
    """Return `text` with every known secret replaced; nothing else of it is touched."""
    for value in sorted(_known(), key=len, reverse=True):
        text = text.replace(value, SHOWN)
    return text


def clean(text: str) -> str:
    """Return what a provider or a library says with every known secret, and every credential in an address or a header, replaced."""
    text = _USER.sub(SHOWN, hide(text))
    text = _QUERY.sub(lambda found: f"{found[1]}={SHOWN}" if secret_name(found[1]) else found[0], text)
    return _HEADER.sub(lambda found: f"{found[1]} {SHOWN}", text)


def _known() -> set[str]:
    held = {f for name, value in os.environ.items() if secret_name(name) for f in _forms(value)}
    return held | {f for value in os.environ.values() for s in _inside(value) for f in _forms(s)} | _learnt


def _inside(text: str) -> Iterator[str]:
    """Yield the secrets in an address: the password (or the user alone), both as one, and secret parts of the query."""
    for user, password in _USER.findall(text):
        yield password or user
        yield f"{user}:{password}"
    yield from (value for name, value in _QUERY.findall(text) if secret_name(name))


def _forms(value: str) -> Iterator[str]:
    """Yield what a secret may be written as: itself, its words (`Bearer …`), without escapes, as basic authentication sends it."""
    plain = value.strip()
    for form in {plain, *plain.split(), unquote(plain), repr(plain)[1:-1]}:
        if _strong(form):
            yield form
            yield b64encode(form.encode()).decode()


def _strong(value: str) -> bool:
    """Return whether a value can be told from ordinary text: 6 characters with letters and digits, or 16 without blanks."""
    mixed = any(c.isdigit() for c in value) and any(c.isalpha() for c in value)
    return (len(value) >= 6 and mixed) or (len(value) >= 16 and not any(c.isspace() for c in value))
