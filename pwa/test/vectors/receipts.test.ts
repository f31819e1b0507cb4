// Receipts that the server's own Go code signed (receipts.json), checked by the phone: Ed25519 by the browser and by the
// bundled code, SM2 by the bundled code; and everything that is not such a receipt.
import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it, vi } from "vitest";
import { verifyReceipt, type Expected } from "../../src/offline/receipt";
import type { Receipt, ReceiptKey } from "../../src/offline/types";

const vectors = JSON.parse(readFileSync(new URL("./receipts.json", import.meta.url), "utf8")) as { key: ReceiptKey; receipt: Receipt; want: Expected }[];
afterEach(() => void vi.restoreAllMocks());
const code = (b64: string, at: number) => {
  const b = Buffer.from(b64, "base64");
  b[at < 0 ? b.length + at : at]! ^= 1;
  return b.toString("base64");
};

for (const { key, receipt, want } of vectors)
  describe(receipt.algorithm, () => {
    const check = (r: unknown, w: Expected = want, k: ReceiptKey[] = [key]) => verifyReceipt(r, w, k).then((x) => (x.ok ? "ok" : x.why));
    it("is believed", async () => {
      expect(await check(receipt)).toBe("ok");
      expect(await check(receipt, { ...want, photos: [...want.photos].reverse() })).toBe("ok");
    });
    it("without the browser's own verification", async () => {
      vi.spyOn(crypto.subtle, "importKey").mockRejectedValue(new Error("unknown algorithm"));
      expect([await check(receipt), await check({ ...receipt, signature: code(receipt.signature, -1) })]).toEqual(["ok", "signature"]);
    });
    it("changed anywhere it is not", async () => {
      expect(await check({ ...receipt, body: code(receipt.body, 20) })).toBe("signature");
      expect(await check({ ...receipt, signature: code(receipt.signature, -3) })).toBe("signature");
      expect(await check({ ...receipt, code: "HZ-0000-0000-0000" })).toBe("form");
    });
    it("of something else it is not", async () => {
      expect(await check(receipt, { ...want, id: want.visit_id })).toBe("id");
      expect(await check(receipt, { ...want, visit_id: want.id })).toBe("id");
      expect(await check(receipt, { ...want, version: 1 })).toBe("version");
      expect(await check(receipt, { ...want, digest: "e".repeat(64) })).toBe("digest");
      expect(await check(receipt, { ...want, photos: want.photos.slice(1) })).toBe("photos");
      expect(await check(receipt, { ...want, photos: [...want.photos, { sha256: "c".repeat(64), size: 1 }] })).toBe("photos");
      expect(await check(receipt, { ...want, photos: want.photos.map((p) => ({ ...p, size: p.size + 1 })) })).toBe("photos");
    });
    it("by another key, under another algorithm's name, or without a key it is not", async () => {
      const other = vectors.find((v) => v.key.algorithm !== key.algorithm)!;
      expect(await check(receipt, want, [])).toBe("key");
      expect(await check(receipt, want, [other.key])).toBe("key");
      expect(await check({ ...receipt, algorithm: other.key.algorithm })).toBe("key");
      expect(await check(receipt, want, [{ ...key, public: other.key.public }])).not.toBe("ok");
      expect(await check({ ...receipt, algorithm: "none" })).toBe("form");
    });
    it("what is no receipt at all is not", async () => {
      for (const junk of [null, undefined, "", 1, [], {}, { ...receipt, body: "%" }, { ...receipt, signature: "" }, { ...receipt, body: undefined }, { ...receipt, key_id: 1 }]) expect(await check(junk)).not.toBe("ok");
    });
  });
