# make quickstart   everything from nothing to a report
# make test         every check that CI runs
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# runs that take hours of two cores are kept in the repository, and gone on with
MEASURED := bench/measured
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: setup dev model quickstart test lint types layers unit wheel bench judge agent-card equivalence lock clean

setup: $(VENV)/.core
dev: $(VENV)/.dev

$(VENV)/.core: pyproject.toml requirements.lock
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q -r requirements.lock
	$(BIN)/python -m pip install -q --no-deps -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.core requirements-dev.lock
	$(BIN)/python -m pip install -q -r requirements-dev.lock
	@touch $@

model: setup
	$(BIN)/python -m offswitch.agents.embedded.weights

quickstart: setup model
	$(BIN)/offswitch quickstart

test: dev model lint types layers unit wheel

lint: dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: dev
	$(BIN)/mypy

layers: dev
	$(BIN)/lint-imports

unit: dev
	$(BIN)/python -m pytest -n 2 --dist loadgroup

wheel: dev
	$(BIN)/python tests/wheel_test.py

bench: dev model
	$(BIN)/python -m bench

# fits the embedded judge anew from the labelled cases, and measures it on families held out; twenty minutes
judge: dev
	$(BIN)/python -m pip install -q -e '.[judge]'
	$(BIN)/python -m offswitch.interventions.judge

# hours long; goes on where it stopped
agent-card: setup model
	$(BIN)/offswitch run bench/small-agent.yaml --out $(MEASURED)/small-agent-card
	$(BIN)/python -m bench.agent_card $(MEASURED)/small-agent-card

# hours long; goes on where it stopped
equivalence: dev model
	$(BIN)/offswitch run bench/small-agent.yaml --out $(MEASURED)/small-agent-card
	$(BIN)/offswitch run bench/equivalence.yaml --out $(MEASURED)/small-agent-bwrap
	$(BIN)/python -m bench.equivalence $(MEASURED)/small-agent-card $(MEASURED)/small-agent-bwrap

lock: dev
	$(BIN)/python .ci/lock.py

clean:
	rm -rf $(VENV) build dist
