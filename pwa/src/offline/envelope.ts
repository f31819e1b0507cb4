// The sealing envelope: HPKE (RFC 9180, base mode, P-256, AES-256-GCM) to the server's public key. The phone can make
// one and not open it. The library is loaded when the first record is sealed, never for the first screen.
//
// bytes = "SXS1" | 8 bytes key id | 65 bytes enc | chunks; the plain bytes are cut at 65536, each chunk sealed in order
// with one context; aad 0x00: more follow, 0x01: the last. There is always a last one.
import { fromBase64, hex, sha256 } from "./ids";
import type { SealKey } from "./types";

export const chunk = 65_536;
export const sealedType = "application/vnd.suixing.sealed";
const magic = new TextEncoder().encode("SXS1");

export const sheetInfo = (id: string): string => `suixing/sealed/1/sheet:${id}`;
export const photoInfo = (sha256: string): string => `suixing/sealed/1/photo:${sha256}`;
/** For the way back to a draft key whose PIN was forgotten. */
export const unlockInfo = (device: string): string => `suixing/sealed/1/unlock:${device}`;

/** There is no key to seal to, or the browser cannot (plain http). */
export class CannotSeal extends Error {
  override name = "CannotSeal";
}

export const canSeal = (key: SealKey | null | undefined): key is SealKey => !!key && key.algorithm === "hpke-p256-aes256gcm" && !!globalThis.crypto?.subtle;

/** keyBytes gives the 65 raw bytes, after checking that the id is theirs. */
async function keyBytes(key: SealKey): Promise<Uint8Array> {
  const raw = canSeal(key) ? fromBase64(key.public) : null;
  if (!raw || raw.length !== 65 || raw[0] !== 4) throw new CannotSeal("not a sealing key");
  if ((await sha256(copy(raw))).slice(0, 16) !== key.id) throw new CannotSeal("the key's id is not its own");
  return raw;
}

/** sealEnvelope encrypts to the server's key. Each call gives other bytes: seal once, keep, resend what was kept. */
export async function sealEnvelope(key: SealKey, info: string, plain: ArrayBuffer): Promise<ArrayBuffer> {
  const raw = await keyBytes(key);
  const { Aes256Gcm, CipherSuite, DhkemP256HkdfSha256, HkdfSha256 } = await import("@hpke/core");
  const suite = new CipherSuite({ kem: new DhkemP256HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });
  const sender = await suite.createSenderContext({ recipientPublicKey: await suite.kem.deserializePublicKey(copy(raw)), info: new TextEncoder().encode(info) });
  const n = Math.max(1, Math.ceil(plain.byteLength / chunk));
  const out = new Uint8Array(4 + 8 + 65 + plain.byteLength + 16 * n);
  out.set(magic, 0);
  out.set(Uint8Array.from(key.id.match(/../g)!, (x) => parseInt(x, 16)), 4);
  out.set(new Uint8Array(sender.enc), 12);
  let at = 77;
  for (let i = 0; i < n; i++) {
    const aad = new Uint8Array([i === n - 1 ? 1 : 0]);
    const sealed = new Uint8Array(await sender.seal(plain.slice(i * chunk, (i + 1) * chunk), aad.buffer));
    out.set(sealed, at);
    at += sealed.length;
  }
  return out.buffer;
}

/** envelopeKey: the id of the key an envelope was sealed to; "" when it is none. */
export function envelopeKey(bytes: ArrayBuffer): string {
  const b = new Uint8Array(bytes);
  return b.length >= 77 + 16 && magic.every((x, i) => b[i] === x) ? hex(b.subarray(4, 12)) : "";
}

const copy = (b: Uint8Array): ArrayBuffer => b.slice().buffer as ArrayBuffer;
