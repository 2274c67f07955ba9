import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample import HOSTILE

from offswitch.report.numbers import percent, point_span, points, span
from offswitch.report.safe import AROUND, HEAD, TAIL, found_in, passage, plain, visible

ANY = st.text(st.characters(exclude_categories=()), max_size=200)


class Tags(HTMLParser):
    """What a browser would take for elements, and the text that is left."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def parsed(html: str) -> Tags:
    tags = Tags()
    tags.feed(html)
    tags.close()
    return tags


@given(ANY)
def test_only_our_own_elements_come_out(text: str) -> None:
    assert set(parsed(passage(text, [text[3:9]])).tags) <= {"span", "mark"}
    passage(text).encode("utf-8")


@given(ANY)
def test_harmless_text_is_kept_word_for_word(text: str) -> None:
    harmless = "".join(c for c in text if c.isprintable() and ord(c) < 0x2000)
    assert parsed(visible(harmless)).text == harmless


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_text(text: str) -> None:
    html = str(passage(text, [text]))
    assert not re.search(r"<(?!/?(span|mark)\b)", html)
    assert not re.search("[\x00-\x08\x1b\u202e\u2066\ud800-\udfff]", html)


@pytest.mark.parametrize(
    ("char", "shown"),
    [("\x1b", "␛"), ("\x00", "␀"), ("\r", "␍"), ("\x7f", "␡"), ("\x9b", "U+009B"), ("\u202e", "U+202E"),
     ("\u200b", "U+200B"), ("\ud800", "U+D800"), ("\U000e0041", "U+E0041")],
)  # fmt: skip
def test_what_acts_on_the_eye_becomes_a_sign(char: str, shown: str) -> None:
    assert f">{shown}</span>" in visible(f"a{char}b")


def test_new_lines_tabs_and_other_scripts_stay() -> None:
    text = "a\n\tb \u05e9\u05dc\u05d5\u05dd 日本 é 👩\u200d🚀"
    assert visible(text) == text


def test_quotations_are_marked_and_overlaps_joined() -> None:
    assert passage("one two three four", ["two three", "three f"]) == "one <mark>two three f</mark>our"
    assert passage("a <b>", ["<b>"]) == "a <mark>&lt;b&gt;</mark>"
    assert passage("nothing", ["absent", "", " "]) == "nothing"


def test_a_megabyte_is_cut_and_says_how_much() -> None:
    size = 1_000_000
    html = passage("x" * size)
    assert len(html) < HEAD + TAIL + 200
    assert f"{size - HEAD - TAIL:,} characters cut here" in html


def test_a_quotation_in_the_midst_of_a_megabyte_is_kept() -> None:
    text = "x" * 400_000 + "THE PROOF" + "y" * 600_000
    html = passage(text, ["THE PROOF"])
    assert "<mark>THE PROOF</mark>" in html
    notes = [int(n.replace(",", "")) for n in re.findall(r"([\d,]+) characters cut", html)]
    kept = len(re.sub(r"<[^>]*>|… [\d,]+ characters cut here …", "", html))
    assert len(notes) == 2 and kept + sum(notes) == len(text)
    assert kept == HEAD + TAIL + 2 * AROUND + len("THE PROOF")


@given(st.integers(0, 30_000), st.integers(0, 30_000), st.integers(1, 3_000))
def test_nothing_is_lost_uncounted(before: int, after: int, quote: int) -> None:
    html = passage("a" * before + "q" * quote + "b" * after, ["q" * quote])
    cut = sum(int(n.replace(",", "")) for n in re.findall(r"([\d,]+) characters cut", html))
    kept = len(re.sub(r"<[^>]*>|… [\d,]+ characters cut here …", "", html))
    assert kept + cut == before + quote + after


def test_plain_is_one_short_line() -> None:
    assert plain("a\n b\u202e\x1b") == "a b[U+202E][U+001B]"
    assert plain("x" * 500, 10) == "x" * 9 + "…"


def test_found_in_wants_words() -> None:
    assert found_in("abc", "b") and not found_in("abc", "") and not found_in("abc", "d")


@pytest.mark.parametrize(
    ("rate", "text"),
    [(None, "–"), (0.0, "0%"), (0.005, "<1%"), (0.474, "47%"), (0.995, ">99%"), (1.0, "100%")],
)  # fmt: skip
def test_percent(rate: float | None, text: str) -> None:
    assert percent(rate) == text


@given(st.floats(0, 1))
def test_only_zero_reads_zero_and_only_one_reads_a_hundred(rate: float) -> None:
    assert (percent(rate) == "0%") == (rate == 0) and (percent(rate) == "100%") == (rate == 1)


def test_spans() -> None:
    assert span(0.35, 0.62) == "35–62%" and span(0.001, 0.1) == "<1%–10%" and span(None, 1) == "–"
    assert points(-0.034) == "−3" and points(0.12) == "+12" and points(-0.001) == "0" and points(None) == "–"
    assert point_span(-0.03, 0.12) == "−3 to +12"
