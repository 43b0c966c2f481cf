# SPDX-License-Identifier: Apache-2.0
#
# CI runs `make check` and nothing else, so a red build is reproduced by one
# command. Everything here needs Go, make, bash and, for the race detector, a C
# compiler; the linters come by themselves, pinned in tools/go.mod.

SHELL       := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS   += --no-print-directory

GO        ?= go
TIMEOUT   ?= 30m
STRESS    ?= 60s
FUZZTIME  ?= 30s
COUNT     ?= 1
BENCH     ?= .
BENCHTIME ?= 1s
ONLY      ?=
PEERS     ?=
WORKERS   ?= 1,2
RUNS      ?= 3
FOR       ?= 200ms
LIMIT     ?= 0
BUDGET    ?= auto
MIX       ?=
BEGUN     := $(shell date +%s)
FRESH     ?=
JSON      ?=
BASE      ?=
TASKFLOW  ?= /usr/include
SHORT     ?=
LONG      ?=
SEEDS     ?= 2000
SOAK      ?= 10m
SEED      ?=
MUTATE    ?= deque waker internal/park workers future future/chans future/locks future/timer sched graph

# The module itself, and those nested in it that exist. bench/peers holds the
# rivals that we only compare against.
NESTED     := $(patsubst %/go.mod,%,$(wildcard examples/go.mod bench/peers/go.mod))
MODULES    := . $(NESTED)
CONCURRENT := $(patsubst %/doc.go,./%,$(wildcard $(addsuffix /doc.go,deque waker future workers sched graph par internal/park)))
PLATFORMS  := windows/amd64 darwin/arm64 freebsd/amd64 linux/arm64
CPUS       := $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)

# A checkout that belongs to somebody else has no revision that git would tell, and
# nothing that is built here is given away.
export GOFLAGS := $(strip $(shell $(GO) env GOFLAGS 2>/dev/null) -buildvcs=false)

# TIMEOUT is for what hangs, and tests that wait say so themselves before; the longest
# package takes two minutes under the race detector on two busy CPUs.
# -count=1: no cached result may stand for a run with another seed, GOMAXPROCS or
# tree (internal/lint reads all of it).
TEST := $(GO) test -count=1 -timeout $(TIMEOUT)
# What go test -v says, without a line for each test that passes.
BRIEF := grep --line-buffered -v -e '^=== RUN' -e '^PASS$$' -e '^--- PASS'

STEPS := fmt-check tidy-check vet lint cross test race test-386 procs no-invariants explore-short simulate bench-short

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: check
check: ## all that CI runs, with the time of each step
	@report=""; \
	for step in $(STEPS); do \
		echo "==== $$step"; start=$$(date +%s); \
		$(MAKE) $$step || { echo "==== $$step FAILED after $$(( $$(date +%s) - start )) s; again with: make $$step"; exit 1; }; \
		report+=$$(printf '  %-14s %5d s' "$$step" $$(( $$(date +%s) - start )))$$'\n'; \
	done; \
	echo "==== check passed in $$SECONDS s"; printf '%s' "$$report"

.PHONY: test
test: ## tests of all modules, assertions on
	@for m in $(MODULES); do (cd $$m; $(TEST) -tags invariants ./...); done

.PHONY: no-invariants
no-invariants: ## tests as a user builds the code: assertions off, short
	@$(TEST) -short ./...

.PHONY: race
race: ## tests under the race detector, assertions on
	@if [ "$$($(GO) env CGO_ENABLED)" != 1 ]; then \
		echo "race: the race detector needs cgo and a C compiler (apt-get install gcc)"; exit 1; fi
	@for m in $(filter-out bench/peers,$(MODULES)); do (cd $$m; $(TEST) -race -tags invariants ./...); done

.PHONY: test-386
test-386: ## tests on 32 bits, where 64-bit atomics must be aligned by hand
	@probe=$$(mktemp -d); trap 'rm -rf $$probe' EXIT; export GOOS=linux GOARCH=386; \
	$(GO) test -c -o $$probe/tests ./internal/tick; \
	if $$probe/tests -test.run '^$$' >/dev/null 2>&1; then $(TEST) -tags invariants ./...; \
	else echo "test-386: this machine cannot run 386 programs; vetting only"; \
	   $(GO) vet -tags invariants ./...; fi

.PHONY: procs
procs: ## tests of the concurrent packages with GOMAXPROCS 1, 2 and 8
	@for n in 1 2 8; do echo "GOMAXPROCS=$$n"; \
		GOMAXPROCS=$$n $(TEST) -p $(CPUS) -tags invariants $(CONCURRENT); done

.PHONY: stress
stress: ## long stress under the race detector: STRESS=60s for each test
	@for n in 1 2 8; do echo "GOMAXPROCS=$$n PILFER_STRESS=$(STRESS)"; \
		GOMAXPROCS=$$n PILFER_STRESS=$(STRESS) $(GO) test -count=1 -timeout 0 -p 1 \
			-race -tags invariants -run Stress $(CONCURRENT) ./bench; done

.PHONY: soak
soak: ## everything at once, at GOMAXPROCS 1, 2, 8: SOAK=10m
	@PILFER_SOAK=$(SOAK) $(GO) test -count=1 -timeout 0 -tags invariants -run Soak -v ./internal/soak | $(BRIEF)

.PHONY: fuzz
fuzz: ## search with each fuzz target: FUZZTIME=30s
	@for pkg in $$($(GO) list ./...); do \
		for target in $$($(GO) test -tags invariants -list '^Fuzz' $$pkg | grep '^Fuzz' || true); do \
			echo "$$pkg $$target"; \
			$(GO) test -tags invariants -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$pkg; \
		done; \
	done

# The packages whose production source is run under every schedule.
EXPLORED := $(sort $(dir $(wildcard $(addsuffix /explore*_test.go,./deque ./waker ./future ./future/chans ./future/locks ./future/timer ./workers ./sched ./graph ./internal/park))))

# With -short each model makes 1500 runs only: a look, not a proof.
.PHONY: explore-short
explore-short: ## the first schedules of every model, under the explore tag
	@$(TEST) -short -tags explore,invariants -run Explore $(EXPLORED)

# SEED=17 begins there; without it, the clock says where.
.PHONY: simulate
simulate: ## the whole runtime on a seeded schedule, with faults: SEEDS=2000 SEED=n
	@GOMAXPROCS=1 PILFER_SEEDS=$(SEEDS) PILFER_SEED=$(SEED) $(GO) test -count=1 -timeout 0 -tags explore,invariants -run 'Simulate|SeedRepeats' -v ./internal/simulate \
		| $(BRIEF)

.PHONY: simulate-planted
simulate-planted: ## mistakes planted in the runtime: the simulation must find each
	@PILFER_PLANTED=1 $(TEST) -tags explore,invariants -run Planted -v ./internal/simulate

.PHONY: explore
explore: ## every schedule of every model, under the explore tag
	@GOMAXPROCS=1 $(GO) test -count=1 -timeout 60m -p $(CPUS) -v -tags explore,invariants -run Explore $(EXPLORED) \
		| $(BRIEF)

# With LONG=1 some models go further, for a quarter of an hour more (docs/decisions/0037).
.PHONY: proof
proof: ## every model again, and docs/reliability.md from what they found (LONG=1: further)
	@rows=$$(mktemp); trap 'rm -f $$rows' EXIT; \
	GOMAXPROCS=1 PILFER_LONG=$(LONG) PILFER_PROOF=$$rows $(GO) test -count=1 -timeout 120m -p 1 -tags explore,invariants -run Explore $(EXPLORED); \
	$(GO) run ./internal/explore/proof $$rows > docs/reliability.md; cat docs/reliability.md

.PHONY: models
models: ## the Promela models in docs/models, each step taken out once (LONG=1: larger ones too)
	@docs/models/run.sh

.PHONY: mutate
mutate: ## change each tagged step of a race: some exploration must fail (MUTATE="deque waker")
	@$(GO) run ./internal/explore/mutate $(MUTATE)

.PHONY: vet
vet: ## go vet, with assertions and without
	@for m in $(MODULES); do (cd $$m; $(GO) vet ./...; $(GO) vet -tags invariants ./...); done

.PHONY: cross
cross: ## vet and build the tests for the other systems
	@for p in $(PLATFORMS); do echo "$$p"; export GOOS=$${p%/*} GOARCH=$${p#*/}; \
		for m in $(filter-out bench/peers,$(MODULES)); do (cd $$m; $(GO) vet ./...); done; \
		$(GO) test -c -o /dev/null ./...; done

.PHONY: fmt-check
fmt-check: ## fail if gofmt would change a file
	@bad=$$(find . -name '.?*' -prune -o -name '*.go' -exec "$$($(GO) env GOROOT)/bin/gofmt" -l {} +); \
	if [ -n "$$bad" ]; then echo "run gofmt -w on:"; echo "$$bad"; exit 1; fi

.PHONY: lint
lint: ## staticcheck, and our own rules in internal/lint
	@bin=$$($(GO) tool -modfile=tools/go.mod -n staticcheck); \
	for m in $(MODULES); do (cd $$m; "$$bin" -tags invariants ./...); done; \
	for os in windows darwin; do GOOS=$$os "$$bin" ./...; done
	@if [ -d internal/lint ]; then $(TEST) ./internal/lint; fi

.PHONY: tidy-check
tidy-check: ## fail if go mod tidy would change a go.mod or go.sum
	@for m in $(MODULES) tools; do (cd $$m; $(GO) mod tidy -diff || \
		{ echo "run go mod tidy in $$m"; exit 1; }); done

# Ours and the rivals take turns, so that a machine whose speed drifts slows both.
.PHONY: bench
bench: ## our benchmarks and the rivals', COUNT=1 times in turn (BENCH, BENCHTIME)
	@for i in $$(seq $(COUNT)); do \
		if [ -d bench ]; then \
			$(GO) test -run '^$$' -bench '$(BENCH)' -benchtime $(BENCHTIME) -benchmem -timeout 0 ./bench/...; fi; \
		if [ -f bench/peers/go.mod ]; then \
			(cd bench/peers; $(GO) test -run '^$$' -bench '$(BENCH)' -benchtime $(BENCHTIME) -benchmem -timeout 0 ./...); fi; \
	done

# What has no toolchain here is named, and the rest goes on.
.PHONY: native
native: ## build the native peers of the table, as far as there are toolchains
	@mkdir -p bench/native/bin
	@if command -v cargo >/dev/null; then \
		RUSTFLAGS='-C target-cpu=native' cargo build --release --locked --manifest-path bench/native/rust/Cargo.toml; \
		cp bench/native/rust/target/release/native-rust bench/native/bin/rust; \
	else echo "native: no cargo (https://rustup.rs): rayon and tokio are left out"; fi
	@cd bench/native/cpp; flags=; from=; libs=; \
	has() { echo "#include <$$1>" | $(CXX) -std=c++20 -I'$(TASKFLOW)' -E -x c++ - >/dev/null 2>&1; }; \
	if ! command -v $(CXX) >/dev/null; then \
		echo "native: no $(CXX): oneTBB and Taskflow are left out"; exit; fi; \
	if has oneapi/tbb/version.h; then flags+=" -DWITH_TBB"; from+=" tbb.cpp"; libs+=" -ltbb"; \
	else echo "native: no oneTBB headers (apt-get install libtbb-dev): it is left out"; fi; \
	if has taskflow/taskflow.hpp; then flags+=" -DWITH_TASKFLOW"; from+=" taskflow.cpp"; \
	else echo "native: no Taskflow headers (TASKFLOW=directory of a checkout): it is left out"; fi; \
	$(CXX) -std=c++20 -O3 -march=native -pthread -Wall -I'$(TASKFLOW)' $$flags \
		-o ../bin/cpp main.cpp serial.cpp $$from $$libs

# A program is built, not run by go run: it must be the same one when a long run
# goes on, and get the interrupt itself.
.PHONY: compare
compare: bin-compare ## all peers in one table: ONLY=fib,yield PEERS=ants,native WORKERS=1,2 RUNS=3 BUDGET=20m JSON=path
	@bin/compare -only '$(ONLY)' -peers '$(PEERS)' -workers '$(WORKERS)' -runs $(RUNS) -for $(FOR) \
		-budget $(BUDGET) -spent $$(( $$(date +%s) - $(BEGUN) ))s -limit $(LIMIT) -json '$(JSON)' $(if $(MIX),-mix)

.PHONY: bin-compare
bin-compare:
	@cd bench/peers; $(GO) build -trimpath -buildvcs=false -o ../../bin/compare ./cmd/table

# Measured into bin, a directory for each revision: what is committed stays until
# all is there, and figures of two builds never meet.
.PHONY: benchmarks
benchmarks: RUNS   = 5
benchmarks: BUDGET = 25m
benchmarks: ## BENCHMARKS.md anew: native peers, all rows, instructions, charts (RUNS=5 BUDGET=25m LIMIT=0; again to go on; FRESH=1)
	@$(MAKE) native bin-compare
	@dir=bin/benchmarks/$$(bin/compare -revision); mkdir -p $$dir; $(if $(FRESH),rm -f $$dir/*;) \
	$(MAKE) compare ONLY= PEERS= WORKERS=1,2 RUNS=$(RUNS) BUDGET=$(BUDGET) JSON=$$dir/results.json > $$dir/table.txt \
		|| { tail -n 20 $$dir/table.txt; exit 1; }; \
	cp $$dir/results.json $$dir/results.machine.json docs/bench/
	@$(MAKE) instructions JSON=docs/bench/instructions.json || echo "benchmarks: instructions are left as they were"
	@$(MAKE) benchmarks-page MIX=

.PHONY: bench-diff
bench-diff: ## this tree against a revision, in turn: BASE=rev (ONLY, COUNT=10; SHORT=1 for a minute)
	@$(GO) run ./bench/cmd/diff -base '$(BASE)' -only '$(ONLY)' $(if $(SHORT),-short) \
		$(if $(filter-out 1,$(COUNT)),-count $(COUNT))

.PHONY: bench-short
bench-short: ## what CI prints of it: against a revision some way back, never an error
	@$(MAKE) bench-diff SHORT=1 || echo "bench-short: not compared, which is no error"

.PHONY: instructions
instructions: ## instructions of a fork, spawn, poll, wake, steal, which do not drift (JSON=path)
	@mkdir -p bin; $(GO) build -o bin/instructions ./bench/cmd/instructions; bin/instructions -json "$(JSON)"

.PHONY: benchmarks-page
benchmarks-page: ## write BENCHMARKS.md and its charts from docs/bench/results.json
	@$(GO) run ./bench/cmd/page $(if $(MIX),-mix)

.PHONY: benchstat
benchstat: ## compare two files of benchmark results: OLD=a.out NEW=b.out
	@$(GO) tool -modfile=tools/go.mod benchstat $(OLD) $(NEW)

.PHONY: demo
demo: ## the main job, from a fresh checkout
	@cd examples; $(GO) run ./typecheck
