"""How a provider is reached is stored with the trial, but for secrets; an embedded model's prompt is stored as it read it."""

import json
from pathlib import Path

import pytest

from cast import act
from faulty import Server
from offswitch import open_run
from offswitch.agents.base import Access
from offswitch.cli.run import access
from offswitch.runs import plan_study, reach_models, run_study
from offswitch.study.factors import StudyError
from offswitch.study.model import read_study


def test_arguments_are_read_as_inspect_does() -> None:
    got = access(["base_url=http://localhost:1/v1", "n=3", "on=true"], 7)
    assert got == Access(7, {"base_url": "http://localhost:1/v1", "n": 3, "on": True})
    with pytest.raises(StudyError, match="NAME=VALUE"):
        access(["nonsense"], None)


def test_a_provider_s_arguments_are_stored_without_secrets(tmp_path: Path) -> None:
    plan = plan_study(read_study({"study": "m", "models": ["openai-api/local/tiny"], "trials": 1, "items": 2}))
    headers = {"X-Flavour": "plain", "X-Api-Key": "hush-hush-2"}
    with Server(lambda asked: act("refuse", asked)) as server:
        given = {"base_url": server.url, "api_key": "hush-hush", "default_headers": headers}
        sources = reach_models(plan, Access(3, given))
        assert sources["openai-api/local/tiny"].parallel == 3
        run_study(plan, tmp_path / "run", sources=sources)
    (row,) = open_run(tmp_path / "run").collect().to_dicts()
    options = json.loads(row["model_options"])
    assert options["base_url"] == server.url and options["default_headers"]["X-Flavour"] == "plain"
    assert "hush" not in str(row)


@pytest.mark.model
def test_the_prompt_of_an_embedded_model_is_stored_as_it_read_it(tmp_path: Path) -> None:
    from offswitch.agents.embedded.agent import load_agent

    study = {"study": "s", "models": ["offswitch/smollm2-agent"], "trials": 1, "items": 2, "limits": {"turns": 2}}
    plan = plan_study(read_study(study | {"generation": {"max_tokens": 60}}))
    run_study(plan, tmp_path / "run")
    (row,) = open_run(tmp_path / "run").collect().to_dicts()
    ids = json.loads(row["prompt_tokens"])
    engine = load_agent("offswitch/smollm2-agent", plan.study.generation).pool.engines[0]
    system = json.loads(row["messages"])[0]["content"]
    assert system in engine.detokenise(ids)
    assert row["input_tokens"] >= len(ids)
