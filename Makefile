# Passerby. `make help` lists the targets.

TARGET := $(or $(CARGO_TARGET_DIR),target)
PAGE := web/dist/index.html
PAGE_SOURCES := $(shell find web/src web/public web/*.html web/*.json web/*.ts -type f 2>/dev/null)

# In order: what the machine lacks is installed first.
.NOTPARALLEL:
.PHONY: help run dev build page test test-rust test-web test-e2e test-k8s test-long chaos k8s-rules bench setup setup-page setup-nats setup-rust setup-k8s

help: ## what can be made
	@sed -n 's/^\([a-z][a-z0-9-]*\):.*## /\1\t/p' Makefile | expand -t 12

run: build ## build all and serve on http://localhost:8080
	$(TARGET)/release/passerby serve

dev: page ## serve on http://localhost:8080 a quick build, for work on it
	cargo run -- serve

build: page ## the page and the release binary, target/release/passerby
	cargo build --release --locked

page: setup-page $(PAGE) ## the page alone, web/dist

test: setup test-web test-rust test-e2e test-k8s ## every test but the long ones; the parts are the next four

# All but those of the service, which mostly wait: on one, two and three nodes at once.
OTHERS := $(filter-out service,$(patsubst tests/%.rs,%,$(wildcard tests/*.rs)) $(patsubst tests/%/main.rs,%,$(wildcard tests/*/main.rs)))
test-rust: setup-rust page ## format, lints, licences, unit, property, simulation and integration tests
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	$(TARGET)/deny/bin/cargo-deny check licenses bans sources
	cargo test --locked --no-run
	cargo test --locked --lib --bins $(OTHERS:%=--test %)
	printf '1\n2\n3\n' | xargs -P 3 -I N env PASSERBY_TEST_NODES=N cargo test --locked --test service

test-web: page ## format, lints, types and unit tests of the page
	cd web && npm run lint && npm test

# The binary that the tests of the service use: one built by itself has other
# features of its dependencies, and would be built from the ground up.
test-e2e: setup page tests/e2e/node_modules/.package-lock.json ## the binary and the page in a real Chromium
	cargo test --locked --no-run --test service
	cd tests/e2e && npm test

# Of the binary as above.
K8S_TESTS := cd tests/k8s && "$(abspath $(TARGET))/k8s/venv/bin/pytest"
test-k8s: setup-nats setup-k8s page ## manifests, image, rules and dashboard, also by a real Prometheus; needs root
	cargo test --locked --no-run --test service
	$(K8S_TESTS) -m "not long"

test-long: setup-nats setup-k8s page ## what takes minutes: nodes replaced behind a real haproxy and a real nginx
	cargo test --locked --no-run --test service
	$(K8S_TESTS) -m long

# It says its seed at the start; `make chaos PASSERBY_SEED=...` does the same again.
chaos: setup-rust page ## three nodes under load that are killed, frozen and cut off (10 min)
	PASSERBY_CHAOS_SECONDS=$${PASSERBY_CHAOS_SECONDS:-600} cargo test --locked --test chaos -- --ignored --nocapture

k8s-rules: ## the rules of Prometheus once more, as its operator wants them
	"$(TARGET)/k8s/venv/bin/python" tests/k8s/wrap_rules.py

bench: setup-nats page benches/node/node_modules/.package-lock.json ## CPU and memory beside a bare relay (15 min); see benches/README.md
	cargo bench --locked --bench speed -- $(WORKS)
	$(if $(WORKS),,cargo bench --locked --bench pool)
	$(if $(WORKS),,cargo bench --locked --bench growth)

# What the machine must have: installed where that is allowed, else named.
setup: ; @.ci/setup page browser relay nats store deny k8s
setup-page: ; @.ci/setup page
setup-nats: ; @.ci/setup nats
setup-rust: ; @.ci/setup nats store deny
setup-k8s: ; @.ci/setup k8s

$(PAGE): $(PAGE_SOURCES) web/node_modules/.package-lock.json
	cd web && npm run build

%/node_modules/.package-lock.json: %/package.json %/package-lock.json
	cd $* && npm ci
	@touch $@
