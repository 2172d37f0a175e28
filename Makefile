# pamlink: everything a checkout needs. `make test` is what CI runs.

CARGO ?= cargo
FEATURE_SETS := "" "serde" "rayon" "report" "cli" "serde rayon report cli"
export RUSTDOCFLAGS := -D warnings

.PHONY: help test fmt clippy doc unit levels examples bench long

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/:/'

test: fmt clippy doc unit levels examples ## all of the checks below; exit 0 means done

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
	$(CARGO) test --all-features

levels: ## kernels and numeric code once more with each SIMD level forced by the environment
	@for level in baseline avx2 avx512; do \
		echo "PAMLINK_SIMD=$$level"; \
		PAMLINK_SIMD=$$level $(CARGO) test --quiet --all-features --lib --test kernels || exit 1; \
	done

examples: ## run every example
	@for example in examples/*.rs; do \
		name=$$(basename $$example .rs); \
		echo "example $$name"; \
		$(CARGO) run --quiet --release --all-features --example $$name > /dev/null || exit 1; \
	done

bench: ## benchmarks; answers are asserted before anything is timed
	$(CARGO) bench

long: ## proofs that take minutes: whole number grids, every float
	$(CARGO) test --release --all-features -- --ignored --nocapture
