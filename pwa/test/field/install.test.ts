// Installable: the manifest names what is there, in the sizes it says; and the tour has its three cards.
import { readFileSync } from "node:fs";
import { describe, expect, it, vi } from "vitest";

const file = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url));
interface Manifest { start_url: string; scope: string; display: string; name: string; icons: { src: string; sizes: string; type: string; purpose: string }[] }

describe("the app on the home screen", () => {
  const m = JSON.parse(file("public/manifest.webmanifest").toString()) as Manifest;
  it("opens whole, at its first page, under its name", () => expect([m.start_url, m.scope, m.display, m.name.startsWith("随行")]).toEqual(["/", "/", "standalone", true]));
  it("each icon is there, in its size; one large, one that may be cut round", () => {
    for (const i of m.icons) {
      const b = file(`public${i.src}`);
      if (i.type === "image/png") expect([`${b.readUInt32BE(16)}x${b.readUInt32BE(20)}`, i.src]).toEqual([i.sizes, i.src]);
      else expect(b.toString()).toMatch(/<svg/);
    }
    expect(m.icons.filter((i) => i.sizes === "512x512").map((i) => i.purpose).sort()).toEqual(["any", "maskable"]);
    expect(m.icons.some((i) => i.sizes === "192x192")).toBe(true);
  });
  it("the page names the manifest and the icon of iPhones", () => {
    const html = file("index.html").toString();
    expect(html).toMatch(/rel="manifest" href="\/manifest\.webmanifest"/);
    expect(html).toMatch(/rel="apple-touch-icon"[^>]*href="\/icons\/icon-180\.png"/);
  });
});

describe("the tour", () => {
  it("three cards, once in a phone's life, and again when asked for", async () => {
    const kept = new Map<string, string>();
    vi.stubGlobal("localStorage", { getItem: (k: string) => kept.get(k) ?? null, setItem: (k: string, v: string) => void kept.set(k, v), removeItem: (k: string) => void kept.delete(k) });
    const first = await import("../../src/field/tour");
    expect([first.tourCards.length, first.touring.value]).toEqual([3, true]);
    first.tourDone();
    vi.resetModules();
    const later = await import("../../src/field/tour");
    expect(later.touring.value).toBe(false);
    later.tourAgain();
    expect([later.touring.value, kept.size]).toEqual([true, 0]);
    vi.unstubAllGlobals();
  });
});
