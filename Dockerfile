# The studio in a container. Processor only:  docker build -t pixcosmos .
#                  With an NVIDIA graphics card:  docker build -t pixcosmos:cuda --build-arg VARIANT=cuda .
# See docs/deploying.md.
FROM python:3.11-slim-bookworm

# cpu: torch of half the size, for machines without a graphics card. cuda: brings its own CUDA libraries.
ARG VARIANT=cpu

ENV PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIXCOSMOS_DATA=/data \
    PIXCOSMOS_HOST=0.0.0.0 \
    PIXCOSMOS_OPEN_BROWSER=false

WORKDIR /app

# A number, so that a cluster can see that it is not root.
RUN useradd --uid 10001 --create-home studio && install -d -o studio -g studio -m 700 /data

COPY requirements.txt .
RUN case "$VARIANT" in \
      cpu) pip install --index-url https://download.pytorch.org/whl/cpu $(grep -oE '^torch(vision)?==[0-9.]+' requirements.txt) ;; \
      cuda) ;; \
      *) echo "VARIANT: $VARIANT is not allowed. Expected cpu or cuda." >&2; exit 1 ;; \
    esac && pip install -r requirements.txt

COPY app.py README.md LICENSE ./
COPY pipelines pipelines
COPY policies policies
COPY store store
COPY components components
RUN python -m compileall -q .

USER 10001
VOLUME ["/data"]
EXPOSE 7860

# Loopback is asked without TLS whatever PIXCOSMOS_PUBLIC_URL says.
HEALTHCHECK --interval=30s --timeout=5s --start-period=2m --retries=3 \
  CMD ["python", "-c", "import os, urllib.request as web; web.urlopen(f\"http://127.0.0.1:{os.environ.get('PIXCOSMOS_PORT', 7860)}/healthz\", timeout=4)"]

ENTRYPOINT ["python", "app.py"]
