import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

// appShell writes into sw.js the list (path and hash) of the files that the field app needs without a network: everything that can be
// reached from index.html, the pages loaded later included, and nothing of the desk. It fails the build when the
// service worker could not run as a classic script, because a worker that fails to install is silent in the browser.
export function appShell(): Plugin {
  let publicDir = "";
  return {
    name: "suixing-app-shell",
    enforce: "post",
    apply: "build",
    configResolved: (c) => void (publicDir = c.publicDir),
    generateBundle: {
      order: "post",
      handler(_options, bundle) {
        const sw = bundle["sw.js"];
        const html = bundle["index.html"];
        if (!sw || sw.type !== "chunk" || !html || html.type !== "asset") return this.error("sw.js or index.html is missing from the build");
        if (sw.imports.length || /^\s*(import|export)\b/m.test(sw.code)) return this.error("sw.js must stand alone: it shares a module with a page");
        const files = new Set<string>();
        const entry = Object.values(bundle).find((c) => c.type === "chunk" && c.isEntry && c.facadeModuleId?.endsWith("index.html"));
        if (!entry) return this.error("no chunk for index.html");
        const visit = (name: string) => {
          if (files.has(name)) return;
          const c = bundle[name];
          if (!c) return;
          files.add(name);
          if (c.type !== "chunk") return;
          [...c.imports, ...c.dynamicImports].forEach(visit);
          (c as { viteMetadata?: { importedCss: Set<string>; importedAssets: Set<string> } }).viteMetadata?.importedCss.forEach(visit);
          (c as { viteMetadata?: { importedAssets: Set<string> } }).viteMetadata?.importedAssets.forEach(visit);
          for (const other of Object.keys(bundle)) if (/worker/.test(other) && c.code.includes(other)) visit(other);
        };
        visit(entry.fileName);
        // A style sheet shared by pages may hang on the HTML instead of a chunk.
        const source = String(html.source);
        for (const m of source.matchAll(/(?:href|src)="\/(assets\/[^"]+)"/g)) visit(m[1]!);
        const fixed = walk(publicDir).filter((f) => /^(manifest\.webmanifest|icons\/)/.test(f));
        const sums: [string, string][] = [["/", sha256(source)]];
        for (const f of files) {
          const c = bundle[f]!;
          sums.push(["/" + f, sha256(c.type === "chunk" ? c.code : c.source)]);
        }
        for (const f of fixed) sums.push(["/" + f, sha256(readFileSync(join(publicDir, f)))]);
        const list = Object.fromEntries(sums.sort(([a], [b]) => (a < b ? -1 : 1)));
        const version = sha256(JSON.stringify(list)).slice(0, 12);
        if (!sw.code.includes("__SHELL_FILES__") || !sw.code.includes("__SHELL_VERSION__")) return this.error("sw.js lost its placeholders");
        sw.code = sw.code.replace(/["'`]__SHELL_FILES__["'`]/, JSON.stringify(list)).replaceAll("__SHELL_VERSION__", version);
      },
    },
  };
}

const sha256 = (data: string | Uint8Array) => createHash("sha256").update(data).digest("hex");

function walk(dir: string, prefix = ""): string[] {
  return readdirSync(dir).flatMap((f) => (statSync(join(dir, f)).isDirectory() ? walk(join(dir, f), prefix + f + "/") : [prefix + f]));
}
