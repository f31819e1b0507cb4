// gotest.mjs COUNTS FAILURES: reads `go test -json`, prints a line a package and the whole output of what failed, writes
// "passed failed" to the first file and the last lines of each failure to the second. Leaves count, groups do not.
import { createInterface } from "node:readline";
import { appendFileSync, writeFileSync } from "node:fs";

const outputs = new Map();
const parents = new Set();
const results = new Map();
const took = [];
let broken = false;

function tell(e, text) {
  process.stdout.write(text);
  appendFileSync(process.argv[3], `-- ${e.Package} ${e.Test ?? ""}\n${text.trimEnd().split("\n").slice(-25).join("\n")}\n`);
}

const key = (e) => `${e.Package ?? e.ImportPath}\t${e.Test ?? ""}`;

function parentOf(e) {
  const cut = e.Test.lastIndexOf("/");
  return cut < 0 ? null : `${e.Package}\t${e.Test.slice(0, cut)}`;
}

function finished(e) {
  const text = (outputs.get(key(e)) ?? []).join("");
  if (e.Action === "fail") broken = true;
  if (e.Test) {
    results.set(key(e), e.Action);
    if (!e.Test.includes("/")) took.push([e.Elapsed ?? 0, `${e.Package} ${e.Test}`]);
    const parent = parentOf(e);
    if (parent) parents.add(parent);
    if (e.Action === "fail") tell(e, text);
  } else if (e.Action !== "skip") {
    if (e.Action === "fail") tell(e, text);
    console.log(`${e.Action === "pass" ? "ok  " : "FAIL"} ${e.Package} ${e.Elapsed ?? 0}s`);
  }
  outputs.delete(key(e));
}

for await (const line of createInterface({ input: process.stdin })) {
  let e;
  try {
    e = JSON.parse(line);
  } catch {
    console.log(line);
    continue;
  }
  if (e.Action === "output" || e.Action === "build-output") {
    if (e.Action === "build-output") process.stdout.write(e.Output);
    else outputs.set(key(e), [...(outputs.get(key(e)) ?? []), e.Output]);
  } else if (e.Action === "build-fail") {
    broken = true;
  } else if (["pass", "fail", "skip"].includes(e.Action)) {
    finished(e);
  }
}

let passed = 0;
let failed = 0;
for (const [test, result] of results) {
  if (parents.has(test)) continue;
  if (result === "pass") passed++;
  else if (result === "fail") failed++;
  else console.log(`skipped: ${test.replace("\t", " ")}`);
}
took.sort((a, b) => b[0] - a[0]);
console.log(`longest: ${took.slice(0, 12).map(([s, t]) => `${t.replace(/^.*\//, "")} ${Math.round(s)}s`).join(", ")}`);
// Tests that were running when a package died have no result of their own.
if (broken && failed === 0) failed = 1;
writeFileSync(process.argv[2], `${passed} ${failed}\n`);
process.exit(broken ? 1 : 0);
