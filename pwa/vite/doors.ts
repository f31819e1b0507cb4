import type { Plugin } from "vite";
import type { IncomingMessage } from "node:http";

// In development and preview one server plays the Go binary: /desk and what is below it is the second entry,
// everything else without a file is the field app (vite's own fallback).
export function doors(): Plugin {
  const toDesk = (req: IncomingMessage, _res: unknown, next: () => void) => {
    const path = (req.url ?? "").split("?")[0] ?? "";
    if ((path === "/desk" || path.startsWith("/desk/")) && !path.includes(".")) req.url = "/desk.html";
    next();
  };
  return {
    name: "suixing-doors",
    configureServer: (s) => void s.middlewares.use(toDesk),
    configurePreviewServer: (s) => void s.middlewares.use(toDesk),
  };
}
