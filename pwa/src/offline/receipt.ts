// Verifying a custody receipt: Ed25519 over the exact bytes, then every fact in them against what the phone sealed.
import { etc, verify as verifyJs } from "@noble/ed25519";
import { sha512 } from "@noble/hashes/sha512";
import { fromBase64 } from "./ids";
import type { ReceiptCheck, ReceiptFault } from "./outbox";
import type { Receipt, ReceiptKey } from "./types";

etc.sha512Sync = (...m) => sha512(etc.concatBytes(...m));

export interface Expected { id: string; visit_id: string; version: number; digest: string; photos: { sha256: string; size: number }[] }

const bad = (why: ReceiptFault): ReceiptCheck => ({ ok: false, why });

/** verifyReceipt: is this a receipt of ours for exactly these bytes? `keys` are the ones this phone has learnt. */
export async function verifyReceipt(r: unknown, want: Expected, keys: readonly ReceiptKey[]): Promise<ReceiptCheck> {
  if (!isReceipt(r)) return bad("form");
  const key = keys.find((k) => k.id === r.key_id && k.algorithm === "ed25519");
  const raw = key && publicBytes(key.public);
  if (!raw) return bad("key");
  const body = fromBase64(r.body);
  const signature = fromBase64(r.signature);
  if (!body || !signature || signature.length !== 64) return bad("form");
  if (!(await signedBy(raw, body, signature))) return bad("signature");
  let said: Record<string, unknown>;
  try {
    said = JSON.parse(new TextDecoder().decode(body)) as Record<string, unknown>;
  } catch {
    return bad("form");
  }
  if (said.v !== 1 || said.code !== r.code || typeof said.received_at !== "string") return bad("form");
  if (said.sheet_id !== want.id || said.visit_id !== want.visit_id) return bad("id");
  if (said.version !== want.version) return bad("version");
  if (said.digest !== want.digest) return bad("digest");
  if (!samePhotos(said.photos, want.photos)) return bad("photos");
  return { ok: true, receipt: { code: r.code, key_id: r.key_id, algorithm: r.algorithm, body: r.body, signature: r.signature }, received_at: said.received_at };
}

async function signedBy(key: Uint8Array, body: Uint8Array, signature: Uint8Array): Promise<boolean> {
  // WebCrypto knows Ed25519 since Chrome 137 and Safari 17; the phones of the field are older.
  try {
    const k = await crypto.subtle.importKey("raw", key as BufferSource, { name: "Ed25519" }, false, ["verify"]);
    return await crypto.subtle.verify({ name: "Ed25519" }, k, signature as BufferSource, body as BufferSource);
  } catch {
    try {
      return verifyJs(signature, body, key);
    } catch {
      return false; // not a point on the curve, not a signature
    }
  }
}

/** Raw 32 bytes in base64 or hex, or the 44 bytes of an SPKI wrapper. */
function publicBytes(s: string): Uint8Array | null {
  if (/^[0-9a-f]{64}$/i.test(s)) return Uint8Array.from(s.match(/../g)!, (x) => parseInt(x, 16));
  const b = fromBase64(s);
  if (!b) return null;
  return b.length === 32 ? b : b.length === 44 ? b.slice(12) : null;
}

function samePhotos(said: unknown, want: Expected["photos"]): boolean {
  if (!Array.isArray(said)) return said === null && want.length === 0;
  const line = (p: { sha256?: unknown; size?: unknown }) => `${String(p?.sha256)} ${String(p?.size)}`;
  const a = said.map(line).sort();
  const b = want.map(line).sort();
  return a.length === b.length && a.every((x, i) => x === b[i]);
}

const isReceipt = (r: unknown): r is Receipt =>
  typeof r === "object" && r !== null && ["code", "key_id", "body", "signature"].every((k) => typeof (r as Record<string, unknown>)[k] === "string") &&
  (r as Receipt).algorithm === "ed25519";
