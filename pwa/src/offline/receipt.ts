// Verifying a custody receipt: the signature (Ed25519, or SM2 with SM3) over the exact bytes, then every fact in them
// against what the phone sealed.
import { fromBase64, hex } from "./ids";
import type { ReceiptCheck, ReceiptFault } from "./outbox";
import type { Receipt, ReceiptKey } from "./types";

export interface Expected { id: string; visit_id: string; version: number; digest: string; photos: { sha256: string; size: number }[] }

const bad = (why: ReceiptFault): ReceiptCheck => ({ ok: false, why });

/** verifyReceipt: is this a receipt of ours for exactly these bytes? `keys` are the ones this phone has learnt. */
export async function verifyReceipt(r: unknown, want: Expected, keys: readonly ReceiptKey[]): Promise<ReceiptCheck> {
  if (!isReceipt(r)) return bad("form");
  const verify = algorithms[r.algorithm];
  if (!verify) return bad("form");
  const key = keys.find((k) => k.id === r.key_id && k.algorithm === r.algorithm);
  if (!key) return bad("key");
  const body = fromBase64(r.body);
  const signature = fromBase64(r.signature);
  if (!body || !signature) return bad("form");
  const signed = await verify(key.public, body, signature);
  if (signed !== true) return bad(signed || "signature");
  return facts(r, body, want);
}

function facts(r: Receipt, body: Uint8Array, want: Expected): ReceiptCheck {
  let said: Record<string, unknown>;
  try {
    said = JSON.parse(new TextDecoder().decode(body)) as Record<string, unknown>;
  } catch {
    return bad("form");
  }
  if (said?.v !== 1 || said.code !== r.code || typeof said.received_at !== "string") return bad("form");
  if (said.sheet_id !== want.id || said.visit_id !== want.visit_id) return bad("id");
  if (said.version !== want.version) return bad("version");
  if (said.digest !== want.digest) return bad("digest");
  if (!samePhotos(said.photos, want.photos)) return bad("photos");
  return { ok: true, receipt: { code: r.code, key_id: r.key_id, algorithm: r.algorithm, body: r.body, signature: r.signature }, received_at: said.received_at };
}

/** True: signed by this key. False: not. A word: what is wrong before it comes to that. */
type Verify = (key: string, body: Uint8Array, signature: Uint8Array) => Promise<boolean | ReceiptFault>;
const algorithms: Record<string, Verify | undefined> = { ed25519, sm2 };

async function ed25519(key: string, body: Uint8Array, signature: Uint8Array): Promise<boolean | ReceiptFault> {
  const raw = publicBytes(key, 32);
  if (!raw) return "key";
  if (signature.length !== 64) return "form";
  // WebCrypto knows Ed25519 since Chrome 137 and Safari 17; the phones of the field are older.
  try {
    const k = await crypto.subtle.importKey("raw", raw as BufferSource, { name: "Ed25519" }, false, ["verify"]);
    return await crypto.subtle.verify({ name: "Ed25519" }, k, signature as BufferSource, body as BufferSource);
  } catch {
    const [{ etc, verify }, { sha512 }] = await Promise.all([import("@noble/ed25519"), import("@noble/hashes/sha512")]);
    etc.sha512Sync = (...m) => sha512(etc.concatBytes(...m));
    try {
      return verify(signature, body, raw);
    } catch {
      return false; // not a point on the curve, not a signature
    }
  }
}

/** SM2 as GB/T 32918: SM3 over the signer's default id and the message, the signature in ASN.1. */
async function sm2(key: string, body: Uint8Array, signature: Uint8Array): Promise<boolean | ReceiptFault> {
  const raw = publicBytes(key, 65);
  if (!raw) return "key";
  const { sm2: lib } = await import("sm-crypto-v2");
  try {
    return lib.doVerifySignature(body, hex(signature), hex(raw), { der: true, hash: true, userId: "1234567812345678" });
  } catch {
    return false;
  }
}

/** The raw key in base64 or hex, or inside an SPKI wrapper, whose last bytes it is. */
function publicBytes(s: string, length: number): Uint8Array | null {
  const b = new RegExp(`^[0-9a-f]{${length * 2}}$`, "i").test(s) ? Uint8Array.from(s.match(/../g)!, (x) => parseInt(x, 16)) : fromBase64(s);
  if (!b || b.length < length || b.length > length + 40) return null;
  return b.slice(b.length - length);
}

function samePhotos(said: unknown, want: Expected["photos"]): boolean {
  if (!Array.isArray(said)) return said === null && want.length === 0;
  const line = (p: { sha256?: unknown; size?: unknown }) => `${String(p?.sha256)} ${String(p?.size)}`;
  const a = said.map(line).sort();
  const b = want.map(line).sort();
  return a.length === b.length && a.every((x, i) => x === b[i]);
}

const isReceipt = (r: unknown): r is Receipt =>
  typeof r === "object" && r !== null && ["code", "key_id", "algorithm", "body", "signature"].every((k) => typeof (r as Record<string, unknown>)[k] === "string");
