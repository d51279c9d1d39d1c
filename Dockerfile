# Two stages: the first has pip and leaves behind a folder, the second has that folder and no tools.
# Tests run on this Python; the lock in requirements/ pins every package by hash.
ARG PYTHON=3.11-slim-bookworm

FROM python:${PYTHON} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_NO_COMPILE=1
WORKDIR /app
RUN python -m venv /opt/venv
COPY requirements/app.txt requirements/app.in requirements/
# Wheels only: nothing is compiled, and nothing but what the hashes name is taken.
RUN /opt/venv/bin/pip install --only-binary :all: --require-hashes -r requirements/app.txt
COPY pyproject.toml ./
COPY workflow workflow
COPY tasks tasks
COPY web web
COPY cli cli
COPY templates templates
COPY config config
# The checkout itself by the build backend of the lock, then pip and the backend go.
RUN /opt/venv/bin/pip install --no-deps --no-index --no-build-isolation -e . \
 && /opt/venv/bin/pip uninstall -q -y pip setuptools \
 && rm -rf build ./*.egg-info \
 && /opt/venv/bin/python -m compileall -q -j 0 /opt/venv/lib /app

FROM python:${PYTHON}
RUN groupadd --gid 10001 bihuan \
 && useradd --uid 10001 --gid bihuan --home-dir /data --no-create-home --shell /usr/sbin/nologin bihuan \
 && install -d -o bihuan -g bihuan -m 0750 /data
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    BIHUAN_DATA_DIR=/data \
    BIHUAN_LOG_FORMAT=json
WORKDIR /app
USER 10001:10001
VOLUME /data
EXPOSE 8000
# For the pages; docker-compose.yml has another one for worker and clock.
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
  CMD ["python", "-m", "tasks.alive", "http://127.0.0.1:8000/healthz"]
CMD ["bihuan", "web", "--host", "0.0.0.0", "--port", "8000"]
