/** What live delivery is compared with: a bare Bun server that publishes one fixed frame for every message it gets. Prints its port. */
function main([topic = "inbox", frame = ""]: string[]): void {
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (request, self) => (self.upgrade(request) ? undefined : new Response("WebSocket only", { status: 426 })),
    websocket: {
      open: (socket) => void socket.subscribe(topic),
      message: () => void server.publish(topic, frame),
    },
  });
  console.log(JSON.stringify({ port: server.port }));
}

if (import.meta.main) main(process.argv.slice(2));
