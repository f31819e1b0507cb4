// Nothing that the phone stores may fail unseen: a promise that nobody waits for is found in the sources, by their types.
import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join, relative } from "node:path";
import ts from "typescript";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const files = (dir: string): string[] => readdirSync(join(root, dir), { recursive: true, encoding: "utf8" }).filter((f) => /\.(ts|vue)$/.test(f)).map((f) => join(root, dir, f));
/** A page is read as its script, under a name of its own. */
const asScript = (f: string): string => (f.endsWith(".vue") ? `${f}.script.ts` : f);
const scriptOf = (vue: string): string => /<script setup[^>]*>([\s\S]*?)<\/script>/.exec(readFileSync(vue, "utf8"))?.[1] ?? "";

function programOf(roots: string[], extra: Record<string, string> = {}): ts.Program {
  const options: ts.CompilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler, strict: true, noEmit: true, skipLibCheck: true, allowImportingTsExtensions: true, types: [] };
  const host = ts.createCompilerHost(options);
  const text = (f: string) => extra[f] ?? (f.endsWith(".vue.script.ts") ? scriptOf(f.slice(0, -10)) : undefined);
  const { readFile, fileExists, getSourceFile } = { readFile: host.readFile.bind(host), fileExists: host.fileExists.bind(host), getSourceFile: host.getSourceFile.bind(host) };
  host.readFile = (f) => text(f) ?? readFile(f);
  host.fileExists = (f) => text(f) !== undefined || fileExists(f);
  host.getSourceFile = (f, v) => {
    const t = text(f);
    return t === undefined ? getSourceFile(f, v) : ts.createSourceFile(f, t, v, true);
  };
  return ts.createProgram([...roots.map(asScript), ...Object.keys(extra)], options, host);
}

/** What keeps the phone's data: a promise of theirs is not even put aside with `void` unless its fault is caught. */
const keepers = /\/src\/offline\/(db|keep|queue|seal|enclose|pack|tickets|device|rescue|lockbox|pin)\.ts$/;

/** floating: promises that nobody waits for, and those of the store whose fault nobody would see. */
function floating(program: ts.Program, of: (f: string) => boolean): string[] {
  const checker = program.getTypeChecker();
  const out: string[] = [];
  const promised = (e: ts.Expression): boolean => {
    const t = checker.getTypeAtLocation(e);
    return (t.isUnion() ? t.types : [t]).some((x) => x.symbol?.name === "Promise" || !!x.getProperty("then")?.valueDeclaration);
  };
  const caught = (e: ts.Expression): boolean =>
    ts.isCallExpression(e) && ts.isPropertyAccessExpression(e.expression) && (e.expression.name.text === "catch" || (e.expression.name.text === "then" && e.arguments.length > 1) || (e.expression.name.text === "finally" && caught(e.expression.expression)));
  const ofStore = (e: ts.Expression): boolean => {
    for (let x: ts.Expression = e; ts.isCallExpression(x); ) {
      const d = checker.getResolvedSignature(x)?.declaration;
      if (d && keepers.test(d.getSourceFile().fileName)) return true;
      if (!ts.isPropertyAccessExpression(x.expression)) return false;
      x = x.expression.expression;
    }
    return false;
  };
  const say = (n: ts.Node, why: string) => {
    const s = n.getSourceFile();
    out.push(`${relative(root, s.fileName).replace(".script.ts", "")}: ${n.getText().split("\n")[0]!.slice(0, 90)}: ${why}`);
  };
  const visit = (n: ts.Node): void => {
    if (ts.isExpressionStatement(n) && !ts.isAwaitExpression(n.expression) && !ts.isVoidExpression(n.expression) && !ts.isBinaryExpression(n.expression) && promised(n.expression) && !caught(n.expression)) say(n, "nobody waits for it");
    if (ts.isBinaryExpression(n) && ts.isExpressionStatement(n.parent) && [ts.SyntaxKind.AmpersandAmpersandToken, ts.SyntaxKind.BarBarToken].includes(n.operatorToken.kind) && ts.isCallExpression(n.right) && promised(n.right) && !caught(n.right)) say(n, "nobody waits for it");
    if (ts.isVoidExpression(n) && ts.isCallExpression(n.expression) && ofStore(n.expression) && !caught(n.expression)) say(n, "its fault is seen by nobody");
    if (ts.isCallExpression(n) && ts.isPropertyAccessExpression(n.expression) && n.expression.name.text === "forEach" && n.arguments.some((a) => ts.isArrowFunction(a) && a.modifiers?.some((m) => m.kind === ts.SyntaxKind.AsyncKeyword))) say(n, "forEach waits for nothing");
    ts.forEachChild(n, visit);
  };
  for (const s of program.getSourceFiles()) if (of(s.fileName)) visit(s);
  return out;
}

it("every promise of the store is waited for, and every fault of it is seen", () => {
  const roots = [...files("src/offline"), ...files("src/field")];
  const ours = new Set(roots.map(asScript));
  expect(floating(programOf(roots), (f) => ours.has(f))).toEqual([]);
}, 120_000);

it("the rule finds what it is for", () => {
  const f = join(root, "src/offline/planted.ts");
  const planted = `import { Store } from "./db";
    import { discard } from "./queue";
    declare const store: Store;
    export async function f(box: never, yes: boolean) {
      store.setKv("a", 1);
      void store.put("kv", { key: "a", value: 1 });
      yes && store.drop("kv", "a");
      ["a"].forEach(async (k) => { await store.kv(k); });
      void discard(box, "a", "b", new Date()).then(() => 1);
      store.keys("kv").then((k) => k.length);
      void store.setKv("b", 1).catch(() => undefined);
      await store.setKv("c", 1);
      void Promise.resolve(1);
    }`;
  const found = floating(programOf([], { [f]: planted }), (x) => x === f);
  expect(found.map((l) => l.split(": ")[1]!.slice(0, 12))).toEqual(["store.setKv(", "void store.p", "yes && store", '["a"].forEac', "void discard", "store.keys(\""]);
}, 60_000);
