# Debian rather than Alpine: the native half of msgpackr and everything we measured run on glibc.
ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS deps
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM ${NODE_IMAGE}
ENV NODE_ENV=production \
    DATA_DIR=/data \
    CONFIG_DIR=/app/config \
    PORT=8080 \
    OPS_PORT=8081
WORKDIR /app
# A new named volume takes owner and mode from here.
RUN install -d -o 10001 -g 10001 -m 700 /data
COPY --from=deps /app/node_modules ./node_modules
# Owned by root and read by the service: it cannot change its own code. Config comes last, it changes most often.
COPY package.json package-lock.json ./
COPY src ./src
COPY workers ./workers
COPY config ./config
# The image has no Git; the commit becomes part of the playbook's revision.
ARG GIT_COMMIT=""
ENV GIT_COMMIT=${GIT_COMMIT}

# A number, so that Kubernetes can check runAsNonRoot. Only /data (and /tmp) needs to be writable.
USER 10001:10001
VOLUME /data
# Webhooks; health, metrics and /admin.
EXPOSE 8080 8081
# The first start creates the database, which takes seconds. Every process has this port, workers too.
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.OPS_PORT || 8081) + '/healthz', { signal: AbortSignal.timeout(4000) }).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "workers/all-in-one.ts"]
