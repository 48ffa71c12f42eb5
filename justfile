# Short names for what CI and people run alike.

# Formatting and lints.
check:
    cargo fmt --check && cargo clippy --all-targets --locked -- -D warnings

# The tests that need no server; they say what they left out.
test *ARGS:
    cargo test --locked {{ARGS}}

# Everything, as CI runs it.
all *ARGS:
    bash tests/all.sh {{ARGS}}

# The service, with the configuration of this folder.
run *ARGS:
    cargo run --locked -- run {{ARGS}}

# The sample town: needs nothing.
demo:
    cargo run --locked -- demo

# One simulated world again, by the seed that its failure printed.
sim SEED:
    ESCUCHA_SEED={{SEED}} cargo test --locked --test it simulation

# The Debian package; prints its path.
deb:
    bash packaging/deb.sh
