# Image of the Python bridge, with Gymnasium's MuJoCo environments. No registry of images was within our reach: it was built and run on
# stand-ins of these bases (Debian 12 with its Python 3.11), which are pinned by tag; you may want to pin digests.
#
#   docker build -f deploy/containers/bridge.Dockerfile -t gymwire-bridge .
#
# For simulators of your own: FROM this image, and `pip install` them.

FROM golang:1.26.8-bookworm AS probe
RUN CGO_ENABLED=0 GOBIN=/probe go install -ldflags='-s -w' github.com/grpc-ecosystem/grpc-health-probe@v0.4.62

FROM python:3.11.14-slim-bookworm AS build
RUN python -m venv /gymwire
ENV PATH=/gymwire/bin:$PATH
COPY deploy/containers/bridge-requirements.txt /tmp/
RUN pip install --no-cache-dir --only-binary :all: -r /tmp/bridge-requirements.txt
COPY bridges/python /tmp/bridge
RUN pip install --no-cache-dir --no-deps /tmp/bridge

FROM python:3.11.14-slim-bookworm
COPY --from=probe /probe/grpc-health-probe /usr/local/bin/
COPY --from=build /gymwire /gymwire
ENV PATH=/gymwire/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER 1000:1000
WORKDIR /tmp
EXPOSE 50051
# For a server without TLS: -e GYMWIRE_PROBE=
ENV GYMWIRE_PROBE="-tls -tls-no-verify"
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s \
  CMD ["sh", "-c", "exec grpc-health-probe -addr=127.0.0.1:50051 -connect-timeout=2s -rpc-timeout=2s $GYMWIRE_PROBE"]
ENTRYPOINT ["gymwire-python"]
# With --token-file, --tls-cert and --tls-key from a volume.
CMD ["serve", "HalfCheetah-v5", "--host", "0.0.0.0"]
