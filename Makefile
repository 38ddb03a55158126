# Every target makes the virtual environment that it needs; `make` alone lists the targets.
PYTHON ?= python3
KAFKA_PORT ?= 9092
DATA ?= ../shared/data
BIN := .venv/bin
PY := $(BIN)/python
PEERS := arroyo bytewax faust quix
FAST := tests/unit tests/contract tests/property tests/arch

.DEFAULT_GOAL := help
.PHONY: help install demo test screenshots test-training chaos check lint types imports kafka generate card bench performance bench-detect clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "%-13s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Tocsin needs Python 3.11 or later: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv .venv \
		|| { echo "On Debian and Ubuntu: apt install python3-venv"; rm -rf .venv; exit 1; }

# A stamp is older than pyproject.toml when the dependencies may have changed.
.venv/.embedded: pyproject.toml | $(PY)
	$(PY) -m pip install --quiet --disable-pip-version-check -e '.[embedded]'
	@touch $@

.venv/.dev: pyproject.toml | $(PY)
	$(PY) -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@ .venv/.embedded

.venv/.bench: pyproject.toml .venv/.dev
	$(PY) -m pip install --quiet --disable-pip-version-check -e '.[bench]'
	@touch $@

.venv/.train: pyproject.toml .venv/.dev
	$(PY) -m pip install --quiet --disable-pip-version-check -e '.[dev,train]'
	@touch $@

install: .venv/.dev ## make .venv with everything for development

demo: .venv/.embedded ## a scripted crisis on this machine: no Docker, no Java, no account
	@$(BIN)/tocsin demo

test: lint types imports ## everything, with a real Kafka, Prometheus, Alertmanager and Chromium where they are installed
	@$(PY) -m pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

screenshots: .venv/.dev ## docs/screenshots again, from a crisis in the console (needs a Chromium)
	@$(PY) -m pytest tests/browser/test_crisis.py --screenshots docs/screenshots

chaos: .venv/.dev ## about 20 minutes of injected faults on a real Kafka, the books compared with a recount after each
	@$(PY) -m pytest tests/chaos -m "chaos or embedded"

test-training: .venv/.train ## the tests that need PyTorch: the making of weights
	@$(PY) -m pytest tests/training -m train

check: lint types imports ## the fast part: style, types, imports, tests without broker or store
	@$(PY) -m pytest $(FAST)

lint: .venv/.dev ## style
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: .venv/.dev ## types
	@$(BIN)/mypy
	@$(BIN)/mypy deploy/kafka/broker.py deploy/grafana/generate.py

imports: .venv/.dev ## imports point inward
	@$(BIN)/lint-imports

kafka: ## download and run a real Apache Kafka on 127.0.0.1:9092 (KAFKA_PORT), data in var/kafka
	@$(PYTHON) deploy/kafka/broker.py run --port $(KAFKA_PORT) --dir var/kafka

generate: .venv/.dev ## write schemas/generated, the dashboards and the reference in docs from the code
	@$(PY) -m schemas.export
	@$(PY) -m deploy.grafana.generate
	@$(PY) -m agents.reference

card: .venv/.dev ## write the tables of docs/model-card.md from the facts beside the weights
	@$(PY) -m agents.training.card

# Each peer has a virtual environment of its own: their requirements contradict each other.
var/peers/%/.made: tests/bench/peers/%/requirements.txt
	@rm -rf $(@D) && $(PYTHON) -m venv $(@D)
	@$(@D)/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

bench: .venv/.bench $(PEERS:%=var/peers/%/.made) ## how fast everything is, beside other libraries, as one table (with a real Kafka); BENCH=--quick
	@$(PY) -m tests.bench $(BENCH)

performance: .venv/.bench ## write docs/performance.md from the last `make bench`
	@$(PY) -m tests.bench --document

bench-detect: .venv/.dev ## how well crises are detected, against published rules; DATA=... names a folder of recorded series
	@$(PY) -m tests.bench.detection --data $(DATA)

clean: ## remove the virtual environment, caches and build output, but not var
	rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
