# The bot alone, in two stages: what builds it stays behind. docs/hosting.md says how it is run.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY tsconfig.json ./
COPY scripts scripts
COPY src src
COPY playground playground
RUN npm run build

FROM node:24-bookworm-slim
# The port is asked for the health of the bot; nobody outside of the container needs it, unless sign-ins come back to it.
ENV NODE_ENV=production HTTP_PORT=3000
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev && npm cache clean --force
COPY --from=build /app/dist/src dist/src
COPY deploy/healthCheck.mjs deploy/healthCheck.mjs
# All that the bot keeps. A volume belongs here (compose.yaml has one); it is not declared, because Railway refuses that.
RUN mkdir -m 700 data && chown node:node data
USER node
EXPOSE 3000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["node", "deploy/healthCheck.mjs"]
# In this form node itself is process 1 and gets SIGTERM, upon which it stops within ten seconds.
CMD ["node", "--max-semi-space-size=16", "--max-old-space-size=192", "--v8-pool-size=1", "dist/src/main.js"]
