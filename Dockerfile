# syntax=docker/dockerfile:1
# Stages: front, build -> app · tools -> minio, caddy. Every program is built from a pinned Go module, checked by its sum;
# the only foreign images are the compilers' and Debian's.

ARG GO_IMAGE=golang:1.26-bookworm
ARG NODE_IMAGE=node:22-bookworm-slim
ARG BASE_IMAGE=debian:bookworm-slim

FROM ${NODE_IMAGE} AS front
WORKDIR /src/pwa
COPY pwa/package.json pwa/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY pwa/ ./
RUN npm run build

FROM ${GO_IMAGE} AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
COPY --from=front /src/pwa/dist pwa/dist
ARG VERSION=container
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w -X main.version=${VERSION}" -o /out/suixing ./cmd/suixing

FROM ${GO_IMAGE} AS tools
WORKDIR /src
COPY scripts/tools scripts/tools
ENV XDG_CACHE_HOME=/cache
RUN scripts/tools minio && install -D "$(scripts/tools path minio)" /out/minio
RUN scripts/tools caddy && install -D "$(scripts/tools path caddy)" /out/caddy

# One user for all, without a shell's worth of anything; curl is for the health checks.
FROM ${BASE_IMAGE} AS base
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates curl \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin suixing

FROM base AS caddy
# A fresh named volume takes over this owner.
RUN mkdir -p /data /config && chown 10001:10001 /data /config
COPY --from=tools /out/caddy /usr/local/bin/caddy
COPY deploy/Caddyfile /etc/caddy/Caddyfile
ENV XDG_DATA_HOME=/data XDG_CONFIG_HOME=/config
USER 10001:10001
CMD ["caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"]

FROM base AS minio
RUN mkdir -p /data && chown 10001:10001 /data
COPY --from=tools /out/minio /usr/local/bin/minio
USER 10001:10001
CMD ["minio", "server", "--quiet", "--address", ":9000", "/data"]

FROM base AS app
# pg_dump and pg_restore of the server's version, for `suixing backup` and `restore`.
RUN curl -fsSL -o /usr/share/keyrings/pgdg.asc https://www.postgresql.org/media/keys/ACCC4CF8.asc \
 && echo "deb [signed-by=/usr/share/keyrings/pgdg.asc] https://apt.postgresql.org/pub/repos/apt bookworm-pgdg main" > /etc/apt/sources.list.d/pgdg.list \
 && apt-get update && apt-get install -y --no-install-recommends postgresql-client-17 && rm -rf /var/lib/apt/lists/* \
 && mkdir -p /var/lib/suixing/keys && chown -R 10001:10001 /var/lib/suixing && chmod 700 /var/lib/suixing/keys
COPY --from=build /out/suixing /usr/local/bin/suixing
USER 10001:10001
EXPOSE 8080
ENTRYPOINT ["suixing"]
CMD ["serve"]
