# pamlink: everything a checkout needs. `make test` is what CI runs.

CARGO ?= cargo
FEATURE_SETS := "" "serde" "rayon" "report" "cli" "serde rayon report cli"
export RUSTDOCFLAGS := -D warnings

PYTHON ?= python3
TARGET := $(abspath $(or $(CARGO_TARGET_DIR),target))
VENV := $(CURDIR)/python/.venv
IN_VENV := $(VENV)/bin/python
# What the wheel is made of; its build is not even begun when none of it changed.
WHEEL_SOURCES := $(shell find src python/src python/pamlink -type f -not -name '*.pyc') \
	Cargo.toml Cargo.lock python/Cargo.toml python/pyproject.toml python/README.md

.PHONY: help test fmt clippy doc unit levels examples python wheel bench long

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/:/'

test: fmt clippy doc unit levels examples python ## all of the checks below; exit 0 means done

fmt: ## formatting
	$(CARGO) fmt --all --check

clippy: ## lints on all targets, for no feature, each feature and all of them
	@for features in $(FEATURE_SETS); do \
		echo "clippy --features \"$$features\""; \
		$(CARGO) clippy --quiet --all-targets --features "$$features" -- -D warnings || exit 1; \
	done

doc: ## documentation without warnings
	$(CARGO) doc --quiet --no-deps --all-features

unit: ## every test and every documented example
	$(CARGO) test --all-features --no-fail-fast

levels: ## kernels and numeric code once more with each SIMD level forced by the environment
	@for level in baseline avx2 avx512; do \
		echo "PAMLINK_SIMD=$$level"; \
		PAMLINK_SIMD=$$level $(CARGO) test --quiet --all-features --lib --test kernels || exit 1; \
	done

examples: ## run every example
	@for example in examples/*.rs; do \
		name=$$(basename $$example .rs); \
		echo "example $$name"; \
		$(CARGO) run --quiet --all-features --example $$name > /dev/null || exit 1; \
	done

python: $(VENV)/.wheel ## the Python wheel: linted, built, installed into its own environment and tested there
	$(IN_VENV) -m ruff format --no-cache --check --quiet python
	$(IN_VENV) -m ruff check --no-cache --quiet python
	$(CARGO) build --quiet --package pamlink --package pamlink-python \
		--features pamlink-python/shared,pamlink/cli --bin pamlink
	@mkdir -p $(TARGET)/python
	cd $(TARGET)/python && $(IN_VENV) -m mypy.stubtest pamlink
	cd $(TARGET)/python && $(IN_VENV) -m mypy --strict $(CURDIR)/python/examples/*.py
	cd $(TARGET)/python && PAMLINK_COMMAND=$(TARGET)/debug/pamlink $(IN_VENV) -m pytest -q \
		-c $(CURDIR)/python/pyproject.toml $(CURDIR)/python/tests

# The environment with everything that builds and tests the wheel.
$(VENV)/.ready: python/requirements.txt
	rm -rf $(VENV)
	$(PYTHON) -m venv $(VENV)
	$(IN_VENV) -m pip install --quiet --disable-pip-version-check --requirement $<
	touch $@

# With the features of the command, selected together with it, the library is compiled once for both.
$(VENV)/.wheel: $(VENV)/.ready $(WHEEL_SOURCES)
	PYO3_PYTHON=$(IN_VENV) $(CARGO) clippy --quiet --package pamlink-python --features shared \
		--no-deps --all-targets -- -D warnings
	rm -rf $(TARGET)/python/wheel
	cd python && $(IN_VENV) -m maturin build --quiet --profile dev --features shared --strip --locked \
		--interpreter $(IN_VENV) --target-dir $(TARGET) --out $(TARGET)/python/wheel
	$(IN_VENV) -m pip install --quiet --disable-pip-version-check --force-reinstall --no-deps \
		$(TARGET)/python/wheel/*.whl
	touch $@

wheel: $(VENV)/.ready ## the Python wheel to hand out, in target/wheels
	cd python && $(IN_VENV) -m maturin build --release --strip --locked \
		--interpreter $(IN_VENV) --target-dir $(TARGET) --out $(TARGET)/wheels

bench: ## benchmarks; answers are asserted before anything is timed
	$(CARGO) bench

long: ## proofs that take minutes: whole number grids, every float
	$(CARGO) test --release --all-features -- --ignored --nocapture
