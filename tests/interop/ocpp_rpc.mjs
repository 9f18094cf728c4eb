// The npm package ocpp-rpc as a central system that validates every frame strictly.
import { RPCServer } from "ocpp-rpc";
import { ANSWERS, heard, obey, tell } from "./desk.mjs";

const server = new RPCServer({ protocols: ["ocpp1.6"], strictMode: true });
let station;
server.auth((accept) => accept());
server.on("client", (client) => {
  station = client;
  for (const action of Object.keys(ANSWERS)) {
    client.handle(action, ({ params }) => heard(action, params));
  }
  client.on("strictValidationFailure", ({ error }) => tell({ invalid: String(error) }));
  tell({ linked: client.identity });
});
const http = await server.listen(0, "127.0.0.1");
tell({ port: http.address().port });
obey((action, params) => station.call(action, params));
