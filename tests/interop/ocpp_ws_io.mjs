// The npm package ocpp-ws-io as a central system that validates every frame strictly.
import { OCPPServer } from "ocpp-ws-io";
import { ANSWERS, heard, obey, tell } from "./desk.mjs";

const VERSION = "ocpp1.6";
const server = new OCPPServer({ protocols: [VERSION], strictMode: true });
let station;
server.auth((context) => context.accept());
server.on("client", (client) => {
  station = client;
  for (const action of Object.keys(ANSWERS)) {
    client.handle(VERSION, action, ({ params }) => heard(action, params));
  }
  client.on("strictValidationFailure", (failure) =>
    tell({ invalid: String(failure?.error ?? JSON.stringify(failure)) }),
  );
  tell({ linked: client.identity });
});
const http = await server.listen(0, "127.0.0.1");
tell({ port: http.address().port });
obey((action, params) => station.call(VERSION, action, params));
