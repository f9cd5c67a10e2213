# syntax=docker/dockerfile:1
FROM rust:1-slim-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends g++ nasm && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN cargo build --release --locked

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates curl \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /data rushes \
    && install -d -o rushes -g rushes /data
COPY --from=build /src/target/release/rushes /usr/local/bin/rushes
USER rushes
VOLUME /data
EXPOSE 8787
# Inside a container, loopback is nobody's. The log has the link that makes the first account.
ENV RUSHES_LISTEN=0.0.0.0:8787 RUSHES_DATA=/data
HEALTHCHECK --interval=30s --timeout=5s --start-period=15s CMD ["curl", "-fsS", "-o", "/dev/null", "http://127.0.0.1:8787/health"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["rushes"]
CMD ["serve"]
