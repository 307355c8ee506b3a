# Two commands: `make lab` opens the course, `make test` passes the tests. Everything else serves those two.
# The first Python that really starts and is new enough (a shim may exist for one that is not installed).
PYTHON ?= $(or $(shell for p in python3 python python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done),python3)
BIN := .venv/bin
# Jupyter refuses to start for root unless told; on a fresh container that is who we are.
ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)
ARGS ?=

.PHONY: lab test setup setup-dev notebooks recordings labs differential bench mutation fmt lint lock clean

lab: setup  ## open the course (ARGS="--no-browser --port 8899")
	$(BIN)/jupyter lab --LabApp.default_url=/lab/tree/notebooks/00-start-here.ipynb $(ROOT) $(ARGS)

test: lint  ## every check; REQUIRE="browser etcd sandbox" fails instead of skipping where Chromium, etcd or bubblewrap is missing
	QUORUMLAB_REQUIRE="$(REQUIRE)" $(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

setup:
	@$(PYTHON) tools/bootstrap.py lab

setup-dev:
	@$(PYTHON) tools/bootstrap.py dev

notebooks: setup-dev  ## run every notebook again and store what it shows
	$(BIN)/python -m tools.notebooks $(ARGS)

recordings: setup-dev  ## run the experiments on real etcd again, and keep what they answered for machines without
	$(BIN)/python -m tools.recordings $(ARGS)

labs: setup-dev  ## make the students' labs out of the solutions
	$(BIN)/python -m quorumlab.grading.release

differential: setup-dev  ## many random fault schedules on both worlds (N=100): what clients can observe must agree
	QUORUMLAB_DIFFERENTIAL=$(or $(N),100) $(BIN)/python -m pytest tests/differential -p no:nbval -o addopts="--import-mode=importlib" -n 2 -x $(ARGS)

bench: setup-dev  ## ratios against named peers, measured in one run
	$(BIN)/python -m benchmarks $(ARGS)

mutation: setup-dev  ## plant small faults and see whether the tests turn red (ARGS="raft --most 100")
	$(BIN)/python -m tools.mutation $(ARGS)

fmt: setup-dev
	$(BIN)/ruff check --quiet --fix .
	$(BIN)/ruff format --quiet .

lint: setup-dev  ## format, lint, types, the one-way rule, spelling
	$(BIN)/ruff check --quiet .
	$(BIN)/ruff format --quiet --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/oxlint --deny-warnings src
	$(BIN)/codespell

lock:  ## renew both lock files (needs uv and the network)
	uv pip compile --quiet --upgrade --universal --generate-hashes --python-version 3.11 --group build pyproject.toml -o requirements.txt
	uv pip compile --quiet --upgrade --universal --generate-hashes --python-version 3.11 --group build --extra test --extra grading --extra dask --extra mutation -c requirements.txt pyproject.toml -o requirements-dev.txt

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis build
