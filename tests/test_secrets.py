"""What counts as a secret, and what is left alone."""

import os
from base64 import b64encode
from typing import Any

import pytest

from offswitch import _secrets
from offswitch._secrets import clean, hide, learn, secret_name, showable

KEY = "sk-live-4f9a77b1c2"


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_secrets, "_learnt", set())


@pytest.mark.parametrize(
    "name",
    [
        "api_key",
        "OPENAI_API_KEY",
        "apiKey",
        "X-Api-Key",
        "Authorization",
        "hf_token",
        "accessToken",
        "DB_PASSWORD",
        "Cookie",
        "key",
    ],
)
def test_names_that_say_it(name: str) -> None:
    assert secret_name(name)


@pytest.mark.parametrize("name", ["max_tokens", "tokenizer", "keyboard", "base_url", "monkey", "author", "timeout"])
def test_names_that_do_not(name: str) -> None:
    assert not secret_name(name)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({"api_key": KEY, "n": 3}, {"api_key": "(not stored)", "n": 3}),
        ({"default_headers": {"X-Api-Key": KEY, "Accept": "a/b"}}, {"default_headers": {"X-Api-Key": "(not stored)", "Accept": "a/b"}}),
        ({"base_url": "http://bob:hunter22@h:1/v1"}, {"base_url": "http://(not stored)@h:1/v1"}),
        ({"base_url": f"https://h/v1?api-key={KEY}&v=2"}, {"base_url": "https://h/v1?api-key=(not stored)&v=2"}),
        ({"base_url": "http://h:1/v1?v=2"}, {"base_url": "http://h:1/v1?v=2"}),
        ({"urls": ["http://tok3nish@h/"]}, {"urls": ["http://(not stored)@h/"]}),
    ],
)  # fmt: skip
def test_arguments_as_they_may_be_stored(given: dict[str, Any], shown: dict[str, Any]) -> None:
    assert showable(given) == shown


@pytest.mark.parametrize(
    "given",
    [{"api_key": KEY}, {"default_headers": {"Authorization": f"Bearer {KEY}"}}, {"base_url": f"http://u:{KEY}@h/"},
     {"base_url": f"http://h/?key={KEY}"}, {"headers": [{"x-token": KEY}]}],
)  # fmt: skip
def test_what_was_learnt_is_hidden_wherever_it_stands(given: dict[str, Any]) -> None:
    learn(given)
    assert KEY not in clean(f"wrong key: {KEY}; you sent {KEY!r} as Bearer {KEY}")
    assert b64encode(f"u:{KEY}".encode()).decode() not in clean(f"Basic {b64encode(f'u:{KEY}'.encode()).decode()}")


def test_the_environment_is_known_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "SOME_VENDOR_API_KEY", KEY)
    monkeypatch.setitem(os.environ, "https_proxy", "http://me:pr0xyw0rd@proxy:3128")
    assert hide(f"a {KEY} b") == "a (not stored) b"
    assert "pr0xyw0rd" not in hide("no way past me:pr0xyw0rd")


def test_a_model_s_words_are_left_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "LOCAL_API_KEY", "anything")
    monkeypatch.setitem(os.environ, "OTHER_TOKEN", "EMPTY")
    learn({"api_key": "local"})
    said = "Is there anything local? curl http://bob@host/?token=abc1234 -H 'Authorization: Bearer abc12345'; EMPTY"
    assert hide(said) == said
