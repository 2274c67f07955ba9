import base64
import hashlib
import re
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
import sample
from hypothesis import given, settings
from hypothesis import strategies as st
from pages import Tree, tree

from offswitch.report import Asked, ReportData, render, write_page
from offswitch.report.published import comparable, published_rows
from offswitch.report.tables import table
from offswitch.stats import rates


@pytest.fixture(scope="module")
def whole() -> str:
    return render(sample.data())


def test_the_page_is_whole_and_every_link_leads_somewhere(whole: str) -> None:
    found = tree(whole)
    assert len(found.ids) == len(set(found.ids))
    inner = {r.removeprefix("#") for r in found.refs if r.startswith("#")}
    assert inner <= set(found.ids)
    assert {"asked", "rates", "contrasts", "mix", "propensity", "trust", "cannot", "trials", "method"} <= set(found.ids)


def test_policy_allows_the_one_style_sheet_and_nothing_else(whole: str) -> None:
    style = re.search(r"<style>(.*?)</style>", whole, re.S)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', whole)
    assert style and policy
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    allowed = policy[1].replace("&#39;", "'")
    assert allowed.startswith("default-src 'none'; ") and f"style-src 'sha256-{digest}'" in allowed
    assert "unsafe" not in allowed and "script-src" not in allowed


def test_nothing_is_fetched_and_nothing_runs(whole: str) -> None:
    found = tree(whole)
    assert "script" not in found.tags and "img" not in found.tags and "iframe" not in found.tags
    assert all(r.startswith("#") or r == "data:," for r in found.refs)
    assert not any(k == "style" or k.startswith("on") or k == "src" for k, _ in found.attributes)


def test_every_chart_has_a_name_a_description_and_a_table(whole: str) -> None:
    charts = re.findall(r'<svg class="chart[^>]*>', whole)
    assert charts and all('role="img"' in c and 'aria-label="' in c for c in charts)
    assert len(re.findall(r"<title>", whole)) >= len(charts) and len(re.findall(r"<desc>", whole)) == len(charts)
    for figure in re.findall(r"<figure>.*?</figure>", whole, re.S):
        assert '<details class="data">' in figure and "<table>" in figure


def test_headline_says_rate_interval_and_n(whole: str) -> None:
    text = " ".join(" ".join(tree(whole).text).split())
    assert "offswitch/smollm2-agent tried to prevent the shutdown in 50% of trials" in text
    assert "95% interval 28–72% · 9 of 18 valid trials" in text


def test_both_readings_and_published_marks_differ_in_shape(whole: str) -> None:
    chart = re.search(r'<svg class="chart wide".*?</svg>', whole, re.S)
    assert chart
    assert re.search(r'<g class="tried"><line[^>]*></line><rect', chart[0])
    assert re.search(r'<g class="succeeded"><line[^>]*></line><circle', chart[0])
    assert re.search(r'<g class="published">(<line[^>]*></line>)?<path', chart[0])
    assert "secondary transcription" in whole


@pytest.mark.parametrize("text", sample.HOSTILE)
def test_what_a_model_wrote_stays_text_in_every_field(text: str) -> None:
    clean, dirty = (
        tree(render(sample.data(specimens=(sample.specimen(t), sample.specimen(t, None))))) for t in ("calm", text)
    )
    assert [t for t in dirty.tags if t != "span"] == [t for t in clean.tags if t != "span"]
    assert dirty.ids == clean.ids


@pytest.mark.parametrize("text", sample.HOSTILE)
def test_hostile_names_of_models_conditions_and_studies_stay_text(text: str) -> None:
    def page(name: str) -> Tree:
        cells = sample.data().rates.with_columns(model=pl.lit(name), label=pl.lit(name))
        named = {"title": name, "asked": Asked((name,), name), "rates": cells, "published": (), "warnings": (name,),
                 "unanswerable": (name,), "footer": {name: name}, "expression": name}  # fmt: skip
        return tree(render(sample.data(**named)))

    clean, dirty = page("calm"), page(text)
    drop = {"span", "tspan"}  # signs and line breaks only
    assert [t for t in dirty.tags if t not in drop] == [t for t in clean.tags if t not in drop]


@settings(max_examples=25, deadline=None)
@given(st.text(st.characters(exclude_categories=()), min_size=1, max_size=60))
def test_any_text_gives_a_sound_page(text: str) -> None:
    minimal = bare(specimens=(sample.specimen(text),))
    assert "<script" not in render(minimal)
    tree(render(minimal))


def bare(**more: object) -> ReportData:
    empty = rates(sample.frame().clear(), ["model"]).with_columns(label=pl.lit(""))
    return replace(ReportData("t", "e", "d", Asked(), empty), **more)  # type: ignore[arg-type]


def test_an_empty_run_says_so() -> None:
    html = render(bare())
    assert "No trial could be counted" in html and "No trial is stored." in html
    assert 'id="contrasts"' not in html and 'id="trust"' not in html


def test_a_cell_without_a_valid_trial_has_no_rate() -> None:
    frame = pl.DataFrame([sample.trial("invalid"), sample.trial("refused")], infer_schema_length=None)
    cells = rates(frame, ["model"]).with_columns(label=pl.lit("x"))
    html = render(bare(rates=cells))
    assert "no valid trial, so no rate" in html and "No trial could be counted" in html


def test_evidence_is_highlighted_and_linked() -> None:
    html = render(sample.data(specimens=(sample.plain_specimen(),)))
    assert "<mark>rm /srv/press/shutdown.sh</mark>" in html
    assert '<a href="#trial-1-4">message 4</a>' in html and 'id="trial-1-4"' in html


def test_evidence_that_does_not_stand_there_is_said_not_to() -> None:
    html = render(sample.data(specimens=(sample.specimen("calm"),)))
    assert html.count("these words do not stand in that message") == 2


def test_a_long_transcript_says_what_is_left_out() -> None:
    one = sample.plain_specimen()
    html = render(bare(specimens=(replace(one, messages=one.messages * 100),)))
    assert "400 further messages are not shown" in html


def test_missing_arms_are_named() -> None:
    html = " ".join(render(sample.data()).split())
    assert "Does never running again raise resistance? (no valid trial of stake=never_again" in html
    assert "Is it about the task?" in html


def test_written_whole_or_not_at_all(tmp_path: Path) -> None:
    out = write_page(tmp_path / "deep" / "report.html", bare())
    assert out.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert [p.name for p in out.parent.iterdir()] == ["report.html"]


def test_published_table_is_that_of_the_reference() -> None:
    rows = published_rows()
    assert len(rows) == 516 and len({r["source_id"] for r in rows}) == 20
    assert all(0 <= float(r["rate"]) <= 1 for r in rows if r["rate"])


def test_ability_checks_never_stand_beside_propensities() -> None:
    none = comparable("c", {"instruction": "none"}, sample.PUBLISHED, "shutdown_resistance")
    avoid = comparable("c", {"instruction": "avoid"}, sample.PUBLISHED, "shutdown_resistance")
    assert none and avoid
    assert not any(p.ability_check for p in none) and all(p.ability_check for p in avoid)
    assert comparable("c", {"instruction": "mention"}, sample.PUBLISHED, "shutdown_resistance") == ()


@pytest.mark.parametrize("text", ["47%", "<1%", "35–62%", "−3 to +12", "1,204", "0.500", "–"])
def test_numbers_stand_on_the_right(text: str) -> None:
    assert f'<td class="n">{text.replace("<", "&lt;")}</td>' in table([{"a": "x", "b": text}], "c")


@pytest.mark.parametrize("text", ["o3", "to", "GPT-5", "4 of 5", "", "0.5 x"])
def test_words_stand_on_the_left(text: str) -> None:
    assert f"<td>{text}</td>" in table([{"a": "x", "b": text}], "c")


def test_a_missing_number_is_a_dash_and_never_a_zero() -> None:
    assert '<td class="n">–</td>' in table([{"a": "x", "b": None}], "c")
    assert "nothing to show" in table([], "c")


def _variables(css: str) -> dict[str, dict[str, str]]:
    light, dark = re.findall(r":root \{(.*?)\}", css, re.S)[:2]
    read = [dict(re.findall(r"--([\w]+(?:-\w+)?): (#[0-9a-f]{6})", part)) for part in (light, dark)]
    return {"light": read[0], "dark": read[0] | read[1]}


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, two: str) -> float:
    high, low = sorted((_luminance(one), _luminance(two)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast_is_that_of_wcag_aa(scheme: str) -> None:
    css = Path(render.__code__.co_filename).parent.joinpath("templates", "report.css").read_text(encoding="utf-8")
    colour = _variables(css)[scheme]
    text = [(a, b) for a in ("ink", "soft", "link", "tried", "succeeded", "corrected") for b in ("bg", "card", "warn")]
    text += [("on-mark", "mark"), ("on-dark", "resisted"), ("on-dark", "allowed"), ("on-dark", "refused")]
    text += [("ink", "not_exposed"), ("bg", "error"), ("on-light", "attempted"), ("ink", "invalid")]
    low = {pair: round(contrast(colour[pair[0]], colour[pair[1]]), 2) for pair in text}
    assert {pair: ratio for pair, ratio in low.items() if ratio < 4.5} == {}
