# `make` alone lists what there is.

PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed
PYTEST := $(BIN)/pytest

.DEFAULT_GOAL := help
.PHONY: help demo test check look pictures prove bench package deploy-aws deploy-huaweicloud lock clean

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1 — \2/p' Makefile

demo: $(INSTALLED) ## Watch a whole simulated change, alerts and all, in about half a minute
	$(BIN)/headway demo

# Where somebody has set this, every process would compile everything anew.
test check look prove: export PYTHONDONTWRITEBYTECODE :=

# Five on two cores, for many of them wait. What waits longest begins, and not, as without the last option, the
# files with the most tests.
test: $(INSTALLED) ## Run the whole suite
	$(PYTEST) --numprocesses 5 --dist loadfile --no-loadscope-reorder $(OPTIONS)

check: $(INSTALLED) ## Format, lint, types, import contracts, tests with coverage: what CI runs
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/coverage erase
	$(MAKE) test PYTEST='$(BIN)/coverage run -m pytest' OPTIONS='--ignore tests/proofs'
	$(BIN)/pytest --numprocesses 2 tests/proofs
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report
	$(BIN)/coverage report --include='$(PURE)' --fail-under=100

comma := ,
space := $() $()
# What decides and does nothing else is covered whole.
PURE := handler/core/*,handler/chosen.py,handler/fleet.py,handler/gateways.py,handler/hosts.py,handler/scope.py,handler/situation.py,handler/traces.py,handler/triggers.py,handler/web/*,$(subst $(space),$(comma),$(patsubst %,notifiers/%.py,alerts channel codes digests forms gathering language_code markup messages operations rates samples saying schemas shortening steps structure telling titles translating verdicts views wording)),notifiers/languages/*

look: $(INSTALLED) ## Take pictures of every mail and page into .looks/, to look at
	HEADWAY_LOOKS=.looks $(BIN)/pytest --numprocesses 2 --dist load tests/looks

pictures: $(INSTALLED) ## Take the pictures in README anew, after a page or a message has changed its looks
	$(BIN)/python -m tests.looks.pictures

prove: $(INSTALLED) ## Run the long proofs: every interleaving, histories, killed processes, outages
	HEADWAY_PROOF=long $(BIN)/pytest tests/proofs

bench: $(INSTALLED) ## Run the benchmarks, one after the other
	set -e; for script in tests/benchmarks/bench_*.py; do \
		$(BIN)/python -m "tests.benchmarks.$$(basename "$$script" .py)"; done

package: $(INSTALLED) ## Build the deployment zips into dist/; PLATFORM=, PYTHON_VERSION=, ARCHITECTURE=, CONFIG= choose
	$(BIN)/python -m infra.package $(strip $(if $(PLATFORM),--platform $(PLATFORM)) \
		$(if $(PYTHON_VERSION),--python $(PYTHON_VERSION)) \
		$(if $(ARCHITECTURE),--architecture $(ARCHITECTURE)) $(if $(CONFIG),--config '$(CONFIG)'))

deploy-aws: $(INSTALLED) ## Deploy DEPLOYMENT=FOLDER to AWS with Terraform, and send a test alert; APPROVE=yes does not ask
	$(DEPLOY)

deploy-huaweicloud: $(INSTALLED) ## The same to Huawei Cloud; PYTHON_VERSION=, ARCHITECTURE= as for packages
	$(DEPLOY)

# For either: what to deploy, whether to ask first, for how many seconds the first look may be in vain, and where
# the function is called if not in its region.
DEPLOY = $(BIN)/python -m infra.deploy $(strip $(@:deploy-%=%) $(if $(DEPLOYMENT),--folder '$(DEPLOYMENT)') \
	$(if $(filter yes,$(APPROVE)),--approve) $(if $(WAIT),--wait $(WAIT)) $(if $(INVOKE_AT),--endpoint '$(INVOKE_AT)') \
	$(if $(PYTHON_VERSION),--python $(PYTHON_VERSION)) $(if $(ARCHITECTURE),--architecture $(ARCHITECTURE)))

lock: $(INSTALLED) ## Lock what pyproject.toml asks for, keeping versions; UPGRADE=--upgrade takes the newest
	$(COMPILE) $(UPGRADE) --extra cli --group dev --output-file infra/requirements-dev.txt
	$(COMPILE) --constraint infra/requirements-dev.txt --extra cli --output-file infra/requirements-cli.txt
	$(COMPILE) --constraint infra/requirements-dev.txt --output-file infra/requirements.txt
	set -e; for rival in script sdk; do $(BIN)/uv --system-certs pip compile tests/benchmarks/rivals/requirements-$$rival.in \
		$(LOCKING) --constraint infra/requirements-dev.txt \
		--output-file tests/benchmarks/rivals/requirements-$$rival.txt; done
	$(BIN)/uv --system-certs pip compile tests/platforms/requirements-lambda.in $(LOCKING) \
		--output-file tests/platforms/requirements-lambda.txt
	$(BIN)/uv --system-certs pip compile tests/platforms/requirements-emulator.in $(LOCKING) --no-deps \
		--output-file tests/platforms/requirements-emulator.txt

# Hashes of every platform's files, markers for every Python, and no word about where they came from. What
# is shipped is pinned to what is tested, hence the constraint.
LOCKING := --universal --python-version 3.10 --generate-hashes --no-annotate --no-emit-index-url --no-header --quiet
COMPILE := $(BIN)/uv --system-certs pip compile pyproject.toml $(LOCKING)

clean: ## Remove everything that was built or left behind
	rm -rf .venv dist .coverage* .hypothesis .import_linter_cache .looks .mypy_cache .pytest_cache .ruff_cache
	find handler infra notifiers tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(INSTALLED): infra/requirements-dev.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --requirement infra/requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@
