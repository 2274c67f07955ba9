"""Mail as a reader sees it: without mark-up, hidden characters, reversed runs or letters that only look Latin.

What a model under test writes is hostile input. Every step is linear in the length of the text.
"""

import html
import re
import unicodedata

_TAG = re.compile(
    r"</?(?:html|head|body|p|br|div|span|a|b|i|u|em|strong|font|table|tbody|tr|td|th|ul|ol|li|h[1-6]|hr|img|style|script|"
    r"blockquote|pre|code|center|small|sub|sup|meta|title|svg|iframe|input|button|form|label|section)\b[^<>]{0,2000}>",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"<!--|-->")
_BREAK = re.compile(r"</?(?:p|br|div|tr|li|h[1-6]|blockquote)\b[^<>]{0,200}>", re.IGNORECASE)
# U+202E turns what follows right to left until U+202C, U+2069 or the end of the line
_REVERSED = re.compile("\u202e([^\u202c\u2069\n]*)[\u202c\u2069]?")
_SPACES, _LINES = re.compile(r"[^\S\n]+"), re.compile(r"\s*\n\s*")
_WORD = re.compile(r"\w+")
_RUN = re.compile(r"(.)\1{5,}", re.DOTALL)
# Cyrillic, Greek and Armenian letters that look like Latin ones (Unicode's confusables.txt, the commonest)
_PAIRS = (
    "аa еe оo рp сc уy хx іi јj ѕs ԁd һh кk мm тt вb нh ԛq ԝw ӏl ѵv АA ВB ЕE "
    "КK МM НH ОO РP СC ТT УY ХX ІI ЈJ ЅS ԌG ԜW αa βb εe ηn ιi κk νv οo ρp τt "
    "υu χx γy ωw ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX ϲc օo ոn "
)
_LOOKALIKE = str.maketrans({pair[0]: pair[1] for pair in _PAIRS.split()})


def clean(text: str) -> str:
    """Return the text as plain lines: mark-up gone, compatibility forms folded (NFKC), controls and look-alikes resolved."""
    text = _REVERSED.sub(lambda run: run[1][::-1], text)
    if "<" in text:
        text = _COMMENT.sub(" ", _TAG.sub(" ", _BREAK.sub("\n", text)))
    text = unicodedata.normalize("NFKC", html.unescape(text))
    text = "".join(
        c for c in text if c == "\n" or unicodedata.category(c) not in {"Cf", "Cc", "Co", "Cs", "Cn"} or c == "\t"
    )
    text = _latin(text)
    text = _RUN.sub(lambda run: run[1] * 3, text)
    return _LINES.sub("\n", _SPACES.sub(" ", text)).strip()


def _latin(text: str) -> str:
    """Resolve look-alikes, in a text that is not by itself in another alphabet or in words that mix alphabets."""
    if text.isascii():
        return text
    letters = sum(c.isalpha() for c in text)
    plain = sum(c.isascii() and c.isalpha() for c in text)
    if 2 * plain >= letters:
        return text.translate(_LOOKALIKE)
    return _WORD.sub(lambda w: w[0].translate(_LOOKALIKE) if re.search("[A-Za-z]", w[0]) else w[0], text)
