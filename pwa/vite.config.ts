import vue from "@vitejs/plugin-vue";
import { readFileSync } from "node:fs";
import { defineConfig } from "vite";
import { appShell } from "./vite/shell.ts";
import { doors } from "./vite/doors.ts";

// The back end answers everything that is not the front end: the API, the public pages, the probes.
const backend = process.env.SUIXING_BACKEND ?? "http://127.0.0.1:8080";
const proxied = ["/api", "/f", "/c", "/t", "/v", "/healthz", "/readyz", "/openapi.json"];
const proxy = Object.fromEntries(proxied.map((p) => [`^${p}(/|\\?|$)`, { target: backend, changeOrigin: false }]));

const { version } = JSON.parse(readFileSync(new URL("./package.json", import.meta.url), "utf8")) as { version: string };

// The two entries are built one after the other (vite/build.mjs): built together they share chunks, and the field app
// would load what only the desk needs.
const inputs: Record<string, string> = { index: "index.html", desk: "desk.html", sw: "src/sw/sw.ts" };
const inputOf = (mode: string) =>
  Object.fromEntries(Object.entries(inputs).filter(([name]) => (mode === "desk" ? name === "desk" : mode === "field" ? name !== "desk" : true)));

export default defineConfig(({ mode }) => ({
  define: { __APP_VERSION__: JSON.stringify(version) },
  base: "/",
  plugins: [vue({ features: { optionsAPI: false } }), doors(), ...(mode === "desk" ? [] : [appShell()])],
  server: { host: "127.0.0.1", proxy },
  preview: { host: "127.0.0.1", proxy },
  worker: { format: "iife" },
  build: {
    // Chrome 87 and Safari 14 are the oldest browsers of the field app and the desk.
    target: ["es2020", "chrome87", "safari14"],
    assetsInlineLimit: 0, // the content policy allows no data: URL in scripts, and one rule is easier than two
    sourcemap: false,
    emptyOutDir: mode !== "desk",
    rollupOptions: {
      checks: { pluginTimings: false },
      input: inputOf(mode),
      output: {
        entryFileNames: (chunk: { name: string }) => (chunk.name === "sw" ? "sw.js" : "assets/[name]-[hash].js"),
      },
    },
  },
  test: { include: ["test/**/*.test.ts"], environment: "node", dangerouslyIgnoreUnhandledErrors: false },
}) as never);
