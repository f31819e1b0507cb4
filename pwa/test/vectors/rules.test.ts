// The rules of a sealed record: what the phone asks before sealing is what the server checks after it
// (internal/visit/vectors_test.go reads the same table).
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ruleFaults, type Body } from "../../src/offline/rules";
import type { Checklist } from "../../src/offline/types";

interface Case { name: string; set: { at: (string | number)[]; value: unknown }[]; faults: string[] }
const table = JSON.parse(readFileSync(new URL("./sheet-rules.json", import.meta.url), "utf8")) as { checklist: Checklist; base: Body; cases: Case[] };

function made(c: Case): Body {
  const b = structuredClone(table.base);
  for (const { at, value } of c.set) {
    const last = at[at.length - 1]!;
    const inner = at.slice(0, -1).reduce<Record<string | number, unknown>>((o, k) => o[k] as Record<string | number, unknown>, b as never);
    inner[last] = value;
  }
  return b;
}

describe("the rules of a sealed record", () => {
  it("has every case once", () => {
    expect(table.cases.length).toBeGreaterThan(50);
    expect(new Set(table.cases.map((c) => c.name)).size).toBe(table.cases.length);
  });
  for (const c of table.cases) it(c.name, () => expect([...new Set(ruleFaults(made(c), table.checklist).map((f) => f.field))].sort()).toEqual([...c.faults].sort()));
});
