# Two stages on one base: the first builds wheels, the second has neither compiler nor pip cache.
FROM python:3.13-slim AS build
WORKDIR /src
COPY requirements/ requirements/
RUN python -m venv /opt/guard \
 && /opt/guard/bin/pip install --no-cache-dir --require-hashes \
        -r requirements/image.txt -r requirements/build.txt
COPY pyproject.toml hatch_build.py README.md LICENSE ./
COPY guard/ guard/
COPY policies/ policies/
RUN /opt/guard/bin/pip install --no-cache-dir --no-deps --no-build-isolation . \
 && /opt/guard/bin/python -m compileall -q /opt/guard/lib \
 && /opt/guard/bin/pip uninstall --yes --quiet hatchling babel pip

FROM python:3.13-slim
LABEL org.opencontainers.image.title="Guard" \
      org.opencontainers.image.description="Outbound mail misdelivery guard" \
      org.opencontainers.image.licenses="Apache-2.0"
# Reads 7z, RAR, LZH, CAB and their like. Debian renamed the package when time_t grew.
RUN apt-get update \
 && apt-get install -y --no-install-recommends libarchive13t64 \
 && rm -rf /var/lib/apt/lists/*
COPY --from=build /opt/guard /opt/guard
# A fixed number, so that volumes keep their owner over every rebuild.
RUN groupadd --gid 10025 guard \
 && useradd --uid 10025 --gid guard --home-dir /var/lib/guard --shell /usr/sbin/nologin guard \
 && install -d -o guard -g guard -m 0700 /var/lib/guard
ENV PATH=/opt/guard/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10025:10025
WORKDIR /var/lib/guard
VOLUME /var/lib/guard
EXPOSE 2525 8025
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=10s CMD ["guard", "healthcheck"]
ENTRYPOINT ["guard"]
CMD ["run", "--config", "guard.toml"]
