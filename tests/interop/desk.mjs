// What both central systems share: how they answer, and the line protocol with the test.
//
//   to the test     {"port": 1} {"linked": "CP-1"} {"heard": ACTION, "params": {}} {"invalid": TEXT}
//                   {"answer": N, "result": {}} {"answer": N, "error": TEXT}
//   from the test   {"number": N, "call": ACTION, "params": {}}
import { createInterface } from "node:readline";

let transactions = 0;
const accepted = { status: "Accepted" };
const now = () => new Date().toISOString();

export const ANSWERS = {
  Authorize: () => ({ idTagInfo: accepted }),
  BootNotification: () => ({ status: "Accepted", currentTime: now(), interval: 300 }),
  DataTransfer: () => ({ status: "UnknownVendorId" }),
  DiagnosticsStatusNotification: () => ({}),
  FirmwareStatusNotification: () => ({}),
  Heartbeat: () => ({ currentTime: now() }),
  LogStatusNotification: () => ({}),
  MeterValues: () => ({}),
  SecurityEventNotification: () => ({}),
  SignCertificate: () => accepted,
  SignedFirmwareStatusNotification: () => ({}),
  StartTransaction: () => ({ transactionId: ++transactions, idTagInfo: accepted }),
  StatusNotification: () => ({}),
  StopTransaction: () => ({}),
};

export const tell = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

export const heard = (action, params) => {
  tell({ heard: action, params });
  return ANSWERS[action]();
};

/** Calls what the test asks for, in order; ends with the test. */
export const obey = (call) => {
  const lines = createInterface({ input: process.stdin });
  lines.on("line", async (text) => {
    const { number, call: action, params } = JSON.parse(text);
    try {
      tell({ answer: number, result: await call(action, params) });
    } catch (error) {
      tell({ answer: number, error: String(error?.rpcErrorCode ?? error) });
    }
  });
  lines.on("close", () => process.exit(0));
};
