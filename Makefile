# Every target sets up what it needs; from a fresh clone `make run` and `make test` are enough.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
# Tests wait for processes and sockets most of the time, so there may be more of them than processors.
WORKERS ?= 5

.PHONY: help setup run test test-clickhouse check static fix bench lock

help:
	@grep -E '^[a-z-]+:.*#' $(MAKEFILE_LIST) | sed -E 's/:[^#]*# /\t/' | expand -t 18

setup: $(READY)  # a virtual environment with the locked versions

run: $(READY)  # the dashboard at http://127.0.0.1:8501, the collector inside it
	$(BIN)/streamlit run dashboard/app.py

# The suite starts a hundred processes, which would each compile our code anew where this is set.
test: export PYTHONDONTWRITEBYTECODE =
test: $(READY)  # the whole suite; browser tests are skipped where there is no Chromium
	$(BIN)/pytest --numprocesses $(WORKERS)

test-clickhouse: $(READY)  # questions on the real ClickHouse engine; downloads 500 MB the first time
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-clickhouse.lock
	$(BIN)/pytest tests/collector/store/clickhouse

check: static test  # all that is checked before a change lands

static: $(READY)  # format, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports

fix: $(READY)  # format, and mend what the linter can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(READY)  # the figures in benchmarks/README.md
	$(BIN)/python -m benchmarks

lock: $(READY)  # resolve the versions anew
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-annotate --custom-compile-command "make lock" --group dev pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-annotate --custom-compile-command "make lock" --group clickhouse --constraint requirements.lock \
		-o requirements-clickhouse.lock

# uv comes into the environment by pip, in the locked version with its hash, so nothing but Python is needed.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "composite_llm needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	awk '/^uv==/ {found=1} found {print} found && !/\\$$/ {exit}' requirements.lock > .venv/uv.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .venv/uv.txt
	$(BIN)/uv pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	touch $(READY)
