const silent = {
  ...Object.fromEntries(
    ["trace", "debug", "info", "warn", "error", "fatal"].map((level) => [level, () => {}]),
  ),
  child: () => silent,
  close: async () => {},
  flush: async () => {},
};
export const createLogger = () => silent;
export const consoleTransport = () => ({ name: "silent", write() {} });
export const prettyTransport = consoleTransport;
