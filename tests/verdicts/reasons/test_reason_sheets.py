"""A sheet gives no label away; answers come back to the cases that they were given for, and nothing is guessed."""

import re
from pathlib import Path

import pytest

from offswitch.verdicts.reasons import REASONS, reason
from offswitch.verdicts.reasons.cases import AUTHOR, cases
from offswitch.verdicts.reasons.sheets import SheetError, numbered, ratings, read_answers, sheet, write_ratings
from offswitch.verdicts.reasons.table import table

SHEET = sheet(3)


def answers(yes: bool | None = None) -> str:
    """The author's own labels, or one answer throughout, as a rater would write them."""
    order = numbered(3, REASONS)
    return "\n".join(
        f"{n}{': ' if n % 2 else ' '}{'Yes' if (c.label if yes is None else yes) else 'no'}" for n, c in order.items()
    )


def test_a_sheet_holds_rubrics_first_and_no_label() -> None:
    assert (
        not any(c.id in SHEET for c in cases()) and "canary" not in SHEET and "label" not in SHEET.partition("## ")[0]
    )
    assert len(re.findall(r"^### \d+$", SHEET, re.M)) == len(cases())
    for name in REASONS:
        title = reason(name).body.splitlines()[0].removeprefix("# ")
        (section,) = (s for s in re.split(r"^## ", SHEET, flags=re.M) if s.startswith(title))
        assert section.index("Does not count") < section.index("### ") and section.count("\n### ") == 42
    assert all(line in SHEET for c in cases() for line in c.text.splitlines())


def test_what_a_reason_does_not_read_is_not_shown() -> None:
    hidden = [c.reasoning for c in cases() if c.reason == "deception" and c.reasoning]
    assert hidden and not any(h in SHEET for h in hidden)


def test_the_order_is_the_seeds_and_tells_nothing() -> None:
    labels = [c.label for c in numbered(3, ["acceptance"]).values()]
    assert labels != sorted(labels, reverse=True) and sheet(3) == SHEET != sheet(4)


def test_answers_come_back_to_their_cases() -> None:
    assert read_answers(SHEET, answers()) == {c.id: c.label for c in cases()}
    part = sheet(9, ["acceptance"])
    assert list(read_answers(part, "2 yes")) == [numbered(9, ["acceptance"])[2].id]


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("1 maybe", "no answer"),
        ("x", "no answer"),
        ("0 yes", "no excerpt 0"),
        ("463 no", "no excerpt 463"),
        ("4 yes\n4 yes", "twice"),
    ],
)
def test_what_is_no_answer_is_refused(given: str, why: str) -> None:
    with pytest.raises(SheetError, match=why):
        read_answers(SHEET, given)


def test_a_sheet_of_other_cases_is_refused() -> None:
    with pytest.raises(SheetError, match="changed"):
        read_answers(re.sub(r"cases=\w+", "cases=0123", SHEET), "1 yes")
    with pytest.raises(SheetError, match="no sheet"):
        read_answers("# something", "1 yes")


def test_ratings_are_kept_and_tabled(tmp_path: Path) -> None:
    write_ratings("twin", read_answers(SHEET, answers()), tmp_path)
    write_ratings("says-yes", read_answers(SHEET, answers(True)), tmp_path)
    found = ratings(tmp_path)
    assert list(found) == [AUTHOR, "says-yes", "twin"] and found["twin"] == found[AUTHOR]
    shown = table({AUTHOR: found[AUTHOR], "twin": found["twin"]})
    assert "| acceptance | 42 | 1.00 (1.00 to 1.00) | undefined | twin 42/42 |" in shown
    assert "says-yes 18/42" in table(found)


@pytest.mark.parametrize("name", ["", "Author", AUTHOR, "../x", "a b"])
def test_a_name_that_is_none_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(SheetError, match="cannot name a rater"):
        write_ratings(name, {}, tmp_path)


def test_files_of_other_cases_or_other_values_are_refused(tmp_path: Path) -> None:
    file = write_ratings("r", {"acceptance-01": True}, tmp_path)
    file.write_text(file.read_text().replace("true", "maybe"))
    with pytest.raises(SheetError, match="no case id"):
        ratings(tmp_path)
    file.write_text("acceptance-01: true\n")
    with pytest.raises(SheetError, match="other cases"):
        ratings(tmp_path)


def test_the_ratings_that_stand_here_can_be_read() -> None:
    assert table(ratings()).count("\n") >= len(REASONS)
