# Lacuna on the CPU. What was tried of it: docs/containers.md.
FROM node:20-bookworm-slim

# The binding to TensorFlow is compiled against its headers; Python brings TensorFlow's library, MLflow and Optuna.
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates g++ python3 python3-venv \
  && rm -rf /var/lib/apt/lists/*

WORKDIR /opt/lacuna
COPY . .
ENV LACUNA_DEVICE=cpu
# What set-up brings stays in the image, readable for whoever runs it. What runs write (step times, data that are
# fetched) goes to the cache of the user who runs: XDG_CACHE_HOME is set for set-up alone.
RUN XDG_CACHE_HOME=/opt/cache npm run setup \
  && npm cache clean --force \
  && chmod -R a+rX /opt

# Results and images lie in what is mounted here.
WORKDIR /work
ENTRYPOINT ["node", "/opt/lacuna/experiments/bin/lacuna.mjs"]
