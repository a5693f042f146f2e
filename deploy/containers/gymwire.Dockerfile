# Images of the TypeScript server and of the trainer. No registry of images was within our reach: they were built and run on
# stand-ins of these bases (Debian 12 with the same Node and Go), which are pinned by tag; you may want to pin digests.
#
#   docker build -f deploy/containers/gymwire.Dockerfile --target server -t gymwire-server .
#   docker build -f deploy/containers/gymwire.Dockerfile --target trainer -t gymwire-trainer .

FROM golang:1.26.8-bookworm AS probe
# Asks a server for its health, also over TLS, which Kubernetes' own probe cannot.
RUN CGO_ENABLED=0 GOBIN=/probe go install -ldflags='-s -w' github.com/grpc-ecosystem/grpc-health-probe@v0.4.62

FROM node:20.20.2-bookworm-slim AS build
WORKDIR /gymwire
COPY . .
RUN npm ci && npm run build
# Of the workspace only what the command needs, at the versions of the lock file; no sources, and of native libraries this
# platform's. Without devDependencies the optional peer among them, tfjs-node, stays away.
# hadolint ignore=DL3016
RUN rm -rf node_modules packages/*/node_modules && npm pkg delete devDependencies \
  && npm install --omit=dev --workspace packages/cli \
  && rm -rf bench bridges deploy docs examples proto scripts packages/*/src packages/*/api tsconfig*.json packages/*/tsconfig*.json \
  && find node_modules/onnxruntime-node/bin -mindepth 3 -maxdepth 3 -type d \
    -not -path "*/linux/$(node -p process.arch)" -exec rm -rf {} +

FROM build AS server-files
# Nothing of a trainer is loaded by a server.
RUN rm -rf node_modules/onnxruntime-* node_modules/@tensorflow node_modules/echarts node_modules/zrender

FROM node:20.20.2-bookworm-slim AS base
ENV NODE_ENV=production PATH=/gymwire/node_modules/.bin:/gymwire/bin:$PATH
WORKDIR /gymwire
# The user `node` of the base, by number, so that Kubernetes sees that it is not root.
USER 1000:1000
ENTRYPOINT ["gymwire"]

FROM base AS server
COPY --from=probe /probe/grpc-health-probe /usr/local/bin/
COPY --from=server-files /gymwire /gymwire
EXPOSE 50051
# For a server without TLS: -e GYMWIRE_PROBE=
ENV GYMWIRE_PROBE="-tls -tls-no-verify"
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s \
  CMD ["sh", "-c", "exec grpc-health-probe -addr=127.0.0.1:50051 -connect-timeout=2s -rpc-timeout=2s $GYMWIRE_PROBE"]
# With --token-file, --tls-cert and --tls-key from a volume.
CMD ["serve", "--host", "0.0.0.0"]

FROM base AS trainer
COPY --from=build /gymwire /gymwire
COPY deploy/train-or-resume.sh /gymwire/bin/
# A training has no health to ask for: it ends, with an exit code.
HEALTHCHECK NONE
CMD ["train", "--help"]
