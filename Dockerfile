# Chasqui in a container: one executable, one volume, no root.
#   docker build -t chasqui .
#   docker run -p 3000:3000 -v chasqui-data:/data chasqui

FROM node:20.20-bookworm-slim AS build
WORKDIR /app
# The packages first: they change less often than the code.
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
RUN npm run build

FROM debian:12.12-slim
# Certificates for the calls to WhatsApp and to the assistant.
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --user-group --no-create-home chasqui \
 && install -d -o chasqui -g chasqui -m 700 /data
COPY --from=build /app/dist/chasqui /usr/local/bin/chasqui
USER chasqui
WORKDIR /data
# Inside a container the server must listen on all its addresses; the port is published on purpose with -p.
ENV DATA_DIR=/data PORT=3000 HOST=0.0.0.0
VOLUME /data
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=10s --retries=3 CMD ["chasqui", "health"]
ENTRYPOINT ["chasqui"]
CMD ["serve"]
