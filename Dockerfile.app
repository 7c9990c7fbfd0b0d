# The guestbook and the replica-set agent: ghcr.io/surgeboard/app. `make images` builds it.
# The release and Debian of the base are fixed here; PYTHON=python@sha256:… fixes its very bytes.
ARG PYTHON=python:3.12.12-slim-bookworm
FROM ${PYTHON} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv --without-pip /opt/venv
COPY requirements/app.lock.txt /build/
RUN pip --python /opt/venv/bin/python install --require-hashes --only-binary :all: -r /build/app.lock.txt
COPY sampleapp /opt/surgeboard/sampleapp
# Bytecode is made here once, since a running container has a read-only root and little CPU to start with.
RUN python -m compileall -q --invalidation-mode unchecked-hash /opt/surgeboard

FROM ${PYTHON}
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="surgeboard app" \
      org.opencontainers.image.description="A guestbook under load, and the agent beside each mongod." \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN groupadd --gid 10001 surgeboard \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin surgeboard
COPY --from=build /opt /opt
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /opt/surgeboard
USER 10001:10001
STOPSIGNAL SIGTERM
EXPOSE 8080 8081
CMD ["python", "-m", "sampleapp"]
