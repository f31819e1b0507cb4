// The envelopes that the phone makes and the server opens. MAKE_VECTORS=1 writes them anew; the Go test of the server
// reads the same files. The key is fixed and of no use anywhere else.
import { createHash, createPrivateKey, createPublicKey } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { CannotSeal, canSeal, envelopeKey, photoInfo, sealEnvelope, sheetInfo } from "../../src/offline/envelope";
import { openEnvelope } from "../offline/open";

const file = new URL("./envelope.json", import.meta.url);
const sum = (b: ArrayBuffer | Buffer) => createHash("sha256").update(new Uint8Array(b)).digest("hex");
/** Plain bytes that any language can make again: byte i is (i*i + 31*i + 7) mod 251. */
const plain = (n: number) => new Uint8Array(n).map((_, i) => (i * i + 31 * i + 7) % 251).buffer;

export interface Vectors {
  key: { id: string; algorithm: string; public: string; private_pem: string };
  cases: { name: string; info: string; size: number; sha256: string; envelope?: string; file?: string; envelope_sha256: string }[];
}

const pem = () => {
  const jwk = { kty: "EC", crv: "P-256", d: "Z3V0ZW4tdGFnLWRpZXMtaXN0LWVpbi10ZXN0LWtleSE", x: "", y: "" };
  const scalar = Buffer.from(jwk.d, "base64url");
  // SEC 1 without the public part; the library computes it.
  const der = Buffer.concat([Buffer.from("30310201010420", "hex"), scalar, Buffer.from("a00a06082a8648ce3d030107", "hex")]);
  return createPrivateKey({ key: der, format: "der", type: "sec1" }).export({ type: "pkcs8", format: "pem" }) as string;
};

async function make() {
  const private_pem = pem();
  const raw = createPublicKey(private_pem).export({ type: "spki", format: "der" }).subarray(-65);
  const key = { id: sum(raw).slice(0, 16), algorithm: "hpke-p256-aes256gcm", public: raw.toString("base64") };
  const v: Vectors & { about: string } = { about: "plain byte i is (i*i + 31*i + 7) mod 251; sha256 and size are of the plain bytes", key: { ...key, private_pem }, cases: [] };
  for (const size of [1, 65_536, 65_537, 300_000]) {
    const hash = sum(plain(size));
    const info = size === 1 ? sheetInfo("01890a5d-ac96-774b-bcce-b302099a8057") : photoInfo(hash);
    const box = Buffer.from(await sealEnvelope(key, info, plain(size)));
    const name = `envelope-${size}.bin`;
    if (size > 70_000) writeFileSync(new URL(`./${name}`, import.meta.url), box);
    v.cases.push({ name: `${size} bytes`, info, size, sha256: hash, ...(size > 70_000 ? { file: name } : { envelope: box.toString("base64") }), envelope_sha256: sum(box) });
  }
  writeFileSync(file, JSON.stringify(v, null, 1) + "\n");
}

describe("the sealing envelope", () => {
  let v: Vectors;
  beforeAll(async () => {
    if (process.env.MAKE_VECTORS) await make();
    v = JSON.parse(readFileSync(file, "utf8")) as Vectors;
  });
  it("the vectors open to what they say", async () => {
    expect(v.cases.map((c) => c.size)).toEqual([1, 65_536, 65_537, 300_000]);
    for (const c of v.cases) {
      const box = c.file ? readFileSync(new URL(`./${c.file}`, import.meta.url)) : Buffer.from(c.envelope!, "base64");
      expect(sum(box)).toBe(c.envelope_sha256);
      const got = await openEnvelope(v.key.private_pem, c.info, box);
      expect([got.byteLength, sum(got)]).toEqual([c.size, c.sha256]);
      expect(sum(plain(c.size))).toBe(c.sha256);
      expect(envelopeKey(box.buffer.slice(box.byteOffset, box.byteOffset + box.length) as ArrayBuffer)).toBe(v.key.id);
    }
  });
  it("what is made now has the same form, whatever the size", async () => {
    for (const size of [0, 1, 15, 65_535, 65_536, 65_537, 131_072, 200_001]) {
      const box = await sealEnvelope(v.key, "i", plain(size));
      expect(box.byteLength).toBe(77 + size + 16 * Math.max(1, Math.ceil(size / 65_536)));
      expect(Buffer.from(box).subarray(0, 12).toString("hex")).toBe("53585331" + v.key.id);
      expect(sum(await openEnvelope(v.key.private_pem, "i", Buffer.from(box)))).toBe(sum(plain(size)));
    }
  });
  it("another record's, torn, cut at a chunk, swapped chunks, one flipped bit: none opens", async () => {
    const box = Buffer.from(await sealEnvelope(v.key, "a", plain(200_000)));
    const one = 65_536 + 16;
    const swapped = Buffer.concat([box.subarray(0, 77), box.subarray(77 + one, 77 + 2 * one), box.subarray(77, 77 + one), box.subarray(77 + 2 * one)]);
    const flipped = Buffer.from(box);
    flipped[100_000]! ^= 1;
    for (const [info, b] of [["b", box], ["a", box.subarray(0, -1)], ["a", box.subarray(0, 77 + one)], ["a", swapped], ["a", flipped]] as const)
      await expect(openEnvelope(v.key.private_pem, info, b)).rejects.toThrow();
    await expect(openEnvelope(v.key.private_pem, "a", box)).resolves.toBeTruthy();
  });
  it("a key whose id is not its own, or of another kind, seals nothing", async () => {
    await expect(sealEnvelope({ ...v.key, id: "0".repeat(16) }, "i", plain(1))).rejects.toBeInstanceOf(CannotSeal);
    await expect(sealEnvelope({ ...v.key, public: "AAAA" }, "i", plain(1))).rejects.toBeInstanceOf(CannotSeal);
    expect([canSeal(null), canSeal({ ...v.key, algorithm: "rot13" }), canSeal(v.key)]).toEqual([false, false, true]);
  });
});
