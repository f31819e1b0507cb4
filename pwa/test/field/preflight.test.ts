// 出发前检查: what arrives while it is looking is in what it says.
import "fake-indexeddb/auto";
import { describe, expect, it, vi } from "vitest";

describe("before leaving", () => {
  it("codes that come in while the storage is asked are counted", async () => {
    let answer: (kept: boolean) => void = () => undefined;
    const kept = new Promise<boolean>((ok) => (answer = ok));
    vi.stubGlobal("addEventListener", () => undefined);
    vi.stubGlobal("matchMedia", () => ({ matches: false }));
    vi.stubGlobal("localStorage", { getItem: () => null, setItem: () => undefined, removeItem: () => undefined });
    vi.stubGlobal("navigator", { userAgent: "", storage: { persisted: () => kept } });
    vi.stubGlobal("isSecureContext", true);
    const { checks, look } = await import("../../src/field/preflight");
    const { ticketsLeft } = await import("../../src/field/state");
    const looked = look();
    ticketsLeft.value = 20;
    void look(); // as the list does when it sees the number change
    answer(true);
    await looked;
    expect(checks.value.find((c) => c.key === "tickets")).toMatchObject({ ok: true, value: "还有20个" });
  });
});
