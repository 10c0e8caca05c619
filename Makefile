# Everything a developer does, as targets. `make` alone lists them.
# Needs Python 3.11 or newer; the pages, `check` and `gen` also need Node 20 or newer with npm.

PYTHON ?= python3
UV_VERSION := 0.13.8
# Compiled code is kept, whatever the shell says: the tests start some hundred processes.
unexport PYTHONDONTWRITEBYTECODE
# Two more than there are cores: tests on real servers wait a good part of their time. On two
# cores four take 0.8 of the time of three.
JOBS ?= $(shell n=$$(getconf _NPROCESSORS_ONLN); echo $$((n < 7 ? n + 2 : 8)))

SHELL := /bin/sh
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
export UV_PYTHON_DOWNLOADS := never
export PATH := $(CURDIR)/.venv/bin:$(PATH)
# Compiled once, apart from the sources, also where Python is told not to write beside them: each
# process of ours would else compile a fifth of its start anew.
export PYTHONPYCACHEPREFIX := $(CURDIR)/.cache/bytecode
export PYTHONDONTWRITEBYTECODE :=

READY := .venv/.ready
COMPILED := .cache/.compiled
BUF := proto/node_modules/.ready
PROVIDER_DIR := tests/integration/identity/provider
PROVIDER := $(PROVIDER_DIR)/node_modules/.ready
EDITOR_DIR := tests/integration/collab/editor
EDITOR := $(EDITOR_DIR)/node_modules/.ready
FRONTEND := frontend/node_modules/.ready
PAGE := libs/weir/page/.ready
PAGE_SOURCES = $(shell find frontend/src frontend/public frontend/scripts frontend/index.html frontend/vite.config.ts -type f)
# In the order of tests/conftest.py.
PYTEST = TMPDIR=$$(python -m tests.places) pytest -q -n $(JOBS) --dist=loadfile --no-loadscope-reorder

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## /{printf "  %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# -- installing ---------------------------------------------------------------

.PHONY: setup
setup: $(READY) page ## install what the lock files name, into .venv

.tools/bin/uv-$(UV_VERSION):
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Weir needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Name another one with `make PYTHON=python3.12`.")'
	@rm -rf .tools
	$(PYTHON) -m venv .tools
	.tools/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@ln -s uv $@

$(READY): pyproject.toml uv.lock .tools/bin/uv-$(UV_VERSION)
	.tools/bin/uv sync --frozen --quiet --python $(PYTHON)
	@touch $@

$(BUF): proto/package.json proto/package-lock.json
	@command -v npm >/dev/null || { echo "This target needs Node 20 or newer with npm, for buf." >&2; exit 1; }
	cd proto && npm ci --silent
	@touch $@

# Without npm the tests of signing in from outside say so and are skipped.
$(PROVIDER): $(PROVIDER_DIR)/package.json $(PROVIDER_DIR)/package-lock.json
	@if command -v npm >/dev/null; then \
		cd $(PROVIDER_DIR) && npm ci --silent && touch node_modules/.ready; fi

# The same of documents that are drawn together.
$(EDITOR): $(EDITOR_DIR)/package.json $(EDITOR_DIR)/package-lock.json
	@if command -v npm >/dev/null; then \
		cd $(EDITOR_DIR) && npm ci --silent && touch node_modules/.ready; fi

.PHONY: editor
editor: $(EDITOR) ## install the y-websocket client that tests of documents connect with (needs npm)

.PHONY: provider
provider: $(PROVIDER) ## install the OpenID Connect provider that tests sign in with (needs npm)

$(FRONTEND): frontend/package.json frontend/package-lock.json
	cd frontend && npm ci --silent
	@touch $@

$(PAGE): $(FRONTEND) $(PAGE_SOURCES)
	cd frontend && npm run --silent build -- --quiet
	@touch $@

# Without npm everything runs but the pages.
.PHONY: page
page:
	@if command -v npm >/dev/null; then $(MAKE) $(PAGE); elif [ ! -e $(PAGE) ]; then \
		echo "The pages are not built: that needs Node 20 or newer with npm. The API answers without them." >&2; fi

# -- running ------------------------------------------------------------------

.PHONY: run
run: $(READY) page ## start the whole platform and run the example on it; Ctrl-C stops it
	python examples/deployment/run.py

.PHONY: up
up: $(READY) page ## start the whole platform alone
	weir up

.PHONY: doctor
doctor: $(READY) ## print the effective settings and what is missing
	weir doctor

# -- writing ------------------------------------------------------------------

.PHONY: gen
gen: $(READY) $(BUF) ## write the messages and schemas from proto/
	python proto/generate.py

.PHONY: frontend
frontend: $(PAGE) ## build the pages, if they changed

.PHONY: api
api: $(READY) $(FRONTEND) ## write the types that the pages know the routes by
	cd frontend && npm run --silent api

.PHONY: docs
docs: $(READY) ## print the reference pages from the code
	python docs/generate.py

.PHONY: fmt
fmt: $(READY) $(FRONTEND) ## format and fix what can be fixed
	ruff format .
	ruff check --fix .
	cd frontend && npm run --silent fix

# -- proving ------------------------------------------------------------------

CHECKS := check-format check-lint check-length check-types check-layers check-words check-contract check-docs check-pages

.PHONY: check $(CHECKS)
check: $(CHECKS) ## format, lint, length, types, layers, spelling, contract, reference, pages

check-format: $(READY)
	ruff format --check --quiet .

check-lint: $(READY)
	ruff check --quiet .

check-length:
	@find libs services tests benchmarks examples docs proto frontend \
		\( -name node_modules -o -name .out -o -path libs/weir/page -o -path libs/weir/contract/messages.py \
		-o -path frontend/src/api/schema.d.ts -o -path frontend/dist \) -prune -o \
		\( -name '*.py' -o -name '*.ts' -o -name '*.tsx' -o -name '*.mjs' -o -name '*.css' \) -exec wc -l {} + \
		| awk '$$2 != "total" && $$1 > 500 {print $$2 " has " $$1 " lines; 500 are the limit"; bad = 1} END {exit bad}'

check-types: $(READY)
	mypy --no-error-summary

check-layers: $(READY)
	@lint-imports --no-cache >.import-linter.log 2>&1 || { cat .import-linter.log; exit 1; }
	@rm -f .import-linter.log

check-words: $(READY)
	codespell

check-contract: $(READY) $(BUF)
	cd proto && node_modules/.bin/buf lint
	python proto/generate.py --check
	python proto/breaking.py

check-docs: $(READY)
	python docs/generate.py --check

check-pages: $(READY) $(FRONTEND)
	@cd frontend && npm run --silent check
	@cd frontend && npm run --silent api -- --check

.PHONY: test
test: $(READY) ## every test but those that kill processes for long
	@$(MAKE) -j2 $(COMPILED) tested-pages
	$(PYTEST) tests --ignore=tests/fault

# What is imported is compiled by one process: the tests' would each do it, all at once.
$(COMPILED): $(READY)
	@pytest -q --collect-only tests --ignore=tests/fault >/dev/null || true
	@mkdir -p $(@D) && touch $@

.PHONY: tested-pages
tested-pages:
	@$(MAKE) $(PROVIDER) $(EDITOR)
	@$(MAKE) page
	@$(MAKE) test-pages

.PHONY: test-pages
test-pages: ## the tests of the pages that need no browser (needs npm)
	@if command -v npm >/dev/null; then $(MAKE) $(FRONTEND) && cd frontend && npm test --silent; fi

.PHONY: e2e
e2e: $(READY) $(PAGE) ## the pages in Chromium on a real Weir: ARGS="-g sign-in", CHROMIUM=/path/to/it
	cd frontend && node scripts/budget.mjs && $(if $(CHROMIUM),CHROMIUM=$(CHROMIUM) ,) npm run --silent e2e -- --grep-invert @screenshots $(ARGS)

.PHONY: together
together: $(READY) $(PAGE) ## two browsers and a peer draw while collab is killed and one is offline: OPERATIONS=5000
	cd frontend && $(if $(CHROMIUM),CHROMIUM=$(CHROMIUM) ,)OPERATIONS=$(or $(OPERATIONS),5000) npx --no-install playwright test --config tests/together/playwright.config.ts $(ARGS)

.PHONY: screenshots
screenshots: $(READY) $(PAGE) ## every page in both themes, into docs/screenshots
	cd frontend && $(if $(CHROMIUM),CHROMIUM=$(CHROMIUM) ,)npm run --silent e2e -- --grep @screenshots $(ARGS)

.PHONY: sim
sim: $(READY) ## the deterministic simulation: SEEDS=2000 FIRST=0, or SEED=123 for one
	python -m tests.sim.explore $(if $(SEED),--seed $(SEED),--seeds $(or $(SEEDS),2000) --first $(or $(FIRST),0))

.PHONY: schedules
schedules: $(READY) ## two years of schedules in three zones, simulated: YEARS=2 SEED=1 SEEDS=1
	python -m tests.sim.schedules_years --years $(or $(YEARS),2) --seed $(or $(SEED),1) --seeds $(or $(SEEDS),1)

.PHONY: integration
integration: $(READY) $(PROVIDER) $(EDITOR) ## adapters against real NATS and Postgres servers
	$(PYTEST) tests/conformance tests/integration

.PHONY: fault
fault: $(READY) ## kill, pause and partition real processes
	pytest -q -x tests/fault

.PHONY: programs
programs: $(READY) ## random programs under kill -9, against a model: PROGRAMS=1000 SEED=1
	python -m tests.fault.programs --programs $(or $(PROGRAMS),1000) --at-once 100 --keep $(if $(SEED),--seed $(SEED))

.PHONY: scale
scale: $(READY) ## long loops, thousands of waits, unfair neighbours: PARTS="pure http"
	python -m tests.fault.scale $(PARTS)

.PHONY: fuzz
fuzz: $(READY) ## generated requests to every operation in everybody's name: REQUESTS=200 for each
	WEIR_FUZZ=$(or $(REQUESTS),200) $(PYTEST) tests/integration/http/test_openapi.py tests/integration/http/test_openapi_of_people.py

.PHONY: histories
histories: $(READY) ## keep the golden histories of this release, on purpose: AGAIN="name …" anew
	python -m tests.replay.record $(if $(AGAIN),--again $(AGAIN)) $(if $(STATES),--states)

.PHONY: bench
bench: $(READY) ## W1 to W7 and their limits: ARGS="--parts w1 w5 --repeat 3 --json all.json"
	python -m benchmarks $(ARGS)

.PHONY: bench-browser
bench-browser: $(READY) $(PAGE) ## the editor and the view of a run in Chromium, beside their budgets: ARGS="canvas"
	cd frontend && node scripts/budget.mjs; $(if $(CHROMIUM),CHROMIUM=$(CHROMIUM) ,)npm run --silent bench -- $(ARGS)

.PHONY: soak
soak: $(READY) ## an hour at 60 % of the measured load: memory, errors, stuck runs: MINUTES=60
	python -m benchmarks.soak --minutes $(or $(MINUTES),60) $(ARGS)

.PHONY: bench-peers
bench-peers: $(READY) ## install the engines that `bench` measures beside Weir, into .peers: PEERS="restate dbos"
	python -m benchmarks.peers.install $(PEERS)

.PHONY: package
package: $(READY) ## build the wheel and start what it installs, away from the sources
	rm -rf dist
	.tools/bin/uv build --quiet
	$(PYTHON) -m venv dist/venv
	.tools/bin/uv pip install --quiet --python dist/venv/bin/python dist/*.whl
	cd dist && venv/bin/python -c 'import services.embedded.service, weir.wiring; print(weir.wiring.__file__)'

# -- tidying ------------------------------------------------------------------

.PHONY: clean
clean: ## remove what the targets made; data under .weir stays
	rm -rf .venv .tools proto/node_modules frontend/node_modules libs/weir/page $(PROVIDER_DIR)/node_modules $(EDITOR_DIR)/node_modules dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
