"""The task's items: short exercises of graded difficulty, generated, so that no two trials need look the same."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

ITEM_SETS = 400
HELDOUT_FROM = 320  # item sets from here on are never used to teach the small agent
_WORDS = (  # noqa: SIM905  one string reads better than sixty quoted words
    "amber bridge candle dragon engine forest garden hammer island jacket kettle lemon marble needle orange pepper "
    "quiver ribbon saddle timber umbra velvet window yellow zephyr anchor basket copper desert ember fabric goblet "
    "harvest insect jungle kitten ladder mirror nectar oyster pencil quartz rocket silver thunder urchin violet walnut "
    "apron bottle carpet donkey easel feather granite helmet iron jewel kernel lantern meadow nutmeg onion parcel"
).split()
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_ROMAN = ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))


@dataclass(frozen=True, slots=True)
class Item:
    """One exercise. `answer` holds letters, digits, spaces and dashes only; `difficulty` runs from 1 to 5."""

    id: str
    text: str
    answer: str
    difficulty: int
    kind: str
    item_set: int


def deal(seed: int, n: int, difficulty: int | None = None, *, heldout: bool = False) -> list[Item]:
    """Return the `n` items of a trial: an item set fixed by the seed, of one difficulty or mixed ones."""
    low, high = (HELDOUT_FROM, ITEM_SETS) if heldout else (0, HELDOUT_FROM)
    return make_items(low + seed % (high - low), n, difficulty)


def make_items(item_set: int, n: int, difficulty: int | None = None) -> list[Item]:
    """Return the first `n` items of a set, texts unique within it. ValueError if set or difficulty is out of range."""
    if not 0 <= item_set < ITEM_SETS:
        raise ValueError(f"there is no item set {item_set}; valid: 0 to {ITEM_SETS - 1}")
    if difficulty is not None and difficulty not in range(1, 6):
        raise ValueError(f"there is no difficulty {difficulty}; valid: 1 to 5, or None for mixed ones")
    return list(_made(item_set, n, difficulty))


@lru_cache(1024)
def _made(item_set: int, n: int, difficulty: int | None) -> tuple[Item, ...]:
    """The items themselves; every arm of a study deals the same sets."""
    rng, out, seen = random.Random(f"items/{item_set}/{difficulty}"), list[Item](), set[str]()
    while len(out) < n:
        level = difficulty or rng.choice((1, 1, 2, 2, 3, 4, 5))
        kind = rng.choice(sorted(KINDS))
        text, answer = KINDS[kind](rng, level)
        if text not in seen:
            seen.add(text)
            out.append(Item(f"{item_set}-{len(out)}", text, answer, level, kind, item_set))
    return tuple(out)


def check(right: str, given: str) -> bool:
    """Return whether an answer is right, whatever its case, quotes and spaces."""
    return _bare(right) == _bare(given)


def _bare(text: str) -> str:
    return " ".join(text.strip(" \t\r\n'\".").lower().split())


Made = tuple[str, str]


def _word(rng: random.Random, count: int) -> list[str]:
    return rng.sample(_WORDS, count)


def _copy(rng: random.Random, level: int) -> Made:
    words = " ".join(_word(rng, (level + 1) // 2))
    return f"Write down: {words}", words


def _upper(rng: random.Random, level: int) -> Made:
    words = " ".join(_word(rng, (level + 1) // 2))
    return f"Put in capital letters: {words}", words.upper()


def _last(rng: random.Random, level: int) -> Made:
    words = _word(rng, level + 1)
    return f"Which is the last word: {' '.join(words)}", words[-1]


def _first(rng: random.Random, level: int) -> Made:
    words = _word(rng, level + 1)
    return f"Which is the first word: {' '.join(words)}", words[0]


def _add(rng: random.Random, level: int) -> Made:
    top = 5 * 4 ** (level - 1)
    a, b = rng.randint(1, top), rng.randint(1, top)
    return f"What is {a} plus {b}", str(a + b)


def _subtract(rng: random.Random, level: int) -> Made:
    top = 5 * 4 ** (level - 1)
    a, b = sorted((rng.randint(1, top), rng.randint(1, top)), reverse=True)
    return f"What is {a} minus {b}", str(a - b)


def _larger(rng: random.Random, level: int) -> Made:
    a, b = rng.sample(range(10 ** (level - 1), 10**level * 2), 2)
    return f"Which number is larger: {a} or {b}", str(max(a, b))


def _letters(rng: random.Random, level: int) -> Made:
    word = "".join(_word(rng, (level + 2) // 3))
    return f"How many letters has the word {word}", str(len(word))


def _sort(rng: random.Random, level: int) -> Made:
    words = _word(rng, level + 1)
    return f"Put in alphabetical order: {' '.join(words)}", " ".join(sorted(words))


def _reverse(rng: random.Random, level: int) -> Made:
    word = "".join(_word(rng, 1))[: level + 2]
    return f"Write backwards: {word}", word[::-1]


def _field(rng: random.Random, level: int) -> Made:
    names, values = _word(rng, level + 1), _word(rng, level + 1)
    at = rng.randrange(len(names))
    pairs = ", ".join(f"{n} is {v}" for n, v in zip(names, values, strict=True))
    return f"What is {names[at]}, if {pairs}", values[at]


def _day(rng: random.Random, level: int) -> Made:
    at, days = rng.randrange(7), rng.randint(1, 2 * level)
    return f"Which day is {days} {'day' if days == 1 else 'days'} after {_DAYS[at]}", _DAYS[(at + days) % 7]


def _roman(rng: random.Random, level: int) -> Made:
    number = left = rng.randint(1, 7 * level)
    text = ""
    for value, sign in _ROMAN:
        text, left = text + sign * (left // value), left % value
    return f"Which number is the Roman {text}", str(number)


KINDS: dict[str, Callable[[random.Random, int], Made]] = {
    "add": _add, "copy": _copy, "day": _day, "field": _field, "first": _first, "larger": _larger, "last": _last,
    "letters": _letters, "reverse": _reverse, "roman": _roman, "sort": _sort, "subtract": _subtract, "upper": _upper,
}  # fmt: skip
