# Escucha in a container: one binary, a user without rights, one volume.
#
#   docker build -t escucha .
#   docker run -v ./etc:/etc/escucha:ro -v escucha:/var/lib/escucha escucha
#
# The configuration is read-only, so its database must be named by an absolute path:
# url = "sqlite:///var/lib/escucha/escucha.db". tests/docker.sh tries these steps without Docker.

FROM rust:1.95-slim-bookworm AS builder
WORKDIR /src
COPY Cargo.toml Cargo.lock build.rs ./
COPY .cargo ./.cargo
COPY benches ./benches
COPY config ./config
COPY migrations ./migrations
COPY src ./src
RUN cargo build --release --locked

FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates tzdata \
 && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --user-group --home-dir /var/lib/escucha --shell /usr/sbin/nologin escucha \
 && install -d -o escucha -g escucha -m 0700 /var/lib/escucha \
 && install -d -m 0755 /etc/escucha
COPY --from=builder /src/target/release/escucha /usr/local/bin/escucha
COPY LICENSE-MIT LICENSE-APACHE /usr/share/doc/escucha/
ENV ESCUCHA_CONFIG=/etc/escucha/escucha.toml
USER escucha
WORKDIR /var/lib/escucha
VOLUME /var/lib/escucha
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=60s --timeout=10s --start-period=30s CMD ["escucha", "status"]
ENTRYPOINT ["escucha"]
CMD ["run"]
