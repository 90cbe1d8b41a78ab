# What CI does, you can do. `make test` is everything that proves stator; it
# installs what it needs and is missing.

GO       ?= go
TOOL     := $(GO) tool -modfile=tools/go.mod
FUZZTIME ?= 3s

.PHONY: all test tools lint ui unit race fuzz e2e soak size bench gen fmt clean

all: gen fmt test

test: tools lint ui unit race fuzz e2e

## tools: install what the tests need and is missing
tools:
	scripts/install-test-tools.sh

## ui: build the Resource Browser, which is committed, and run its tests
ui: tools
	scripts/ui.sh

## unit: the tests of the server's own module
unit:
	$(GO) vet ./...
	$(GO) vet -tags noui ./cmd/stator ./internal/server ./internal/ui
	$(GO) test ./...

## race: what is concurrent, under the race detector
race:
	scripts/race.sh

## fuzz: every fuzz target for FUZZTIME, starting from the committed corpus
fuzz:
	scripts/fuzz.sh $(FUZZTIME)

## e2e: scripted sessions of AWS's own clients against the built binary
e2e: tools
	cd test && $(GO) test -timeout 30m ./...

## soak: crash, linearizability and random tests with ever new seeds, for SOAK (8h); goes on where it was
soak: tools
	scripts/soak.sh

## size: a table of a million items, and ten thousand tables, on a machine that does nothing else
size:
	cd test && STATOR_TEST_ITEMS=1000000 $(GO) test -timeout 30m -v -run 'TestATableOfAnySize|TestManyTables' .

## bench: stator beside a do-nothing server, and beside PEERS if there are any
bench:
	scripts/bench.sh

## gen: write what is generated, from internal/api/model
gen:
	$(GO) generate ./...

fmt:
	$(TOOL) gofumpt -w cmd internal test

lint:
	test -z "$$($(TOOL) gofumpt -l cmd internal test)" || { $(TOOL) gofumpt -d cmd internal test; exit 1; }
	$(TOOL) golangci-lint run

clean:
	rm -rf bin
