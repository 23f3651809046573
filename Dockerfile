# The steps are the Makefile's. The database is outside: give DATABASE_URL and SECRETS_KEY when the container starts.
FROM python:3.11-slim AS build
RUN apt-get update && apt-get install --yes --no-install-recommends make && rm -rf /var/lib/apt/lists/*
WORKDIR /srv/graduated
COPY Makefile README.md pyproject.toml requirements.lock ./
COPY app ./app
RUN make install

FROM python:3.11-slim
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin graduated && install --directory --owner=graduated --mode=0700 /data
WORKDIR /srv/graduated
COPY --from=build /srv/graduated /srv/graduated
COPY demo ./demo
ENV HOST=0.0.0.0 PORT=8000 DATA_DIR=/data PYTHONUNBUFFERED=1 PATH=/srv/graduated/.venv/bin:$PATH
USER graduated
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/livez', timeout=2)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["graduated"]
CMD ["serve", "--no-embedded"]
