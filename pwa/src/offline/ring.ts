// The ring of draft keys, and how it is wrapped: by a key of the browser, by what a PIN makes, or for the server.
const aes = (): SubtleCrypto => globalThis.crypto.subtle;

export interface Wrapped { iv: ArrayBuffer; bytes: ArrayBuffer }
/** What lies in the database. `device` and `pin` never stand together. */
export interface LockRow {
  /** The key as raw bytes only where the browser cannot keep one of its own (some WebViews). */
  v: 1; device: ({ key: CryptoKey | ArrayBuffer } & Wrapped) | null; pin: ({ salt: ArrayBuffer; rounds: number } & Wrapped) | null;
  /** The same keys sealed to the server, for a PIN that was forgotten. */
  server: { box: ArrayBuffer; account_id: string; device_id: string } | null; fails: number; failed_at: number;
}
/** The raw keys; they exist in memory only while they are being wrapped. */
export interface Ring { current: string; keys: Record<string, string> }

/** addKey makes a new key the current one; what lies under the others stays readable. */
export function addKey(ring: Ring): Ring {
  const raw = crypto.getRandomValues(new Uint8Array(32));
  const id = toBase64(crypto.getRandomValues(new Uint8Array(6)).buffer);
  return { current: id, keys: { ...ring.keys, [id]: toBase64(raw.buffer) } };
}

export async function wrapRing(key: CryptoKey, ring: Ring): Promise<Wrapped> {
  const iv = crypto.getRandomValues(new Uint8Array(12)).buffer;
  return { iv, bytes: await aes().encrypt({ name: "AES-GCM", iv }, key, new TextEncoder().encode(JSON.stringify(ring))) };
}
export async function openRing(key: CryptoKey, w: Wrapped): Promise<Ring> {
  return JSON.parse(new TextDecoder().decode(await aes().decrypt({ name: "AES-GCM", iv: w.iv }, key, w.bytes))) as Ring;
}

/** deviceRows: the ring under a fresh key that the browser does not give out; and, for browsers that keep none, one in the clear. */
export async function deviceRows(ring: Ring): Promise<{ strong: LockRow; weak: LockRow }> {
  const raw = crypto.getRandomValues(new Uint8Array(32)).buffer;
  const key = await aes().importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
  const row = { v: 1 as const, pin: null, server: null, fails: 0, failed_at: 0 };
  const wrapped = await wrapRing(key, ring);
  return { strong: { ...row, device: { key, ...wrapped } }, weak: { ...row, device: { key: raw, ...wrapped } } };
}
/** openDevice: null when the browser has lost its key. */
export async function openDevice(d: NonNullable<LockRow["device"]>): Promise<Ring | null> {
  try {
    return await openRing(d.key instanceof ArrayBuffer ? await aes().importKey("raw", d.key, "AES-GCM", false, ["decrypt"]) : d.key, d);
  } catch {
    return null;
  }
}
export const sameBytes = (a: ArrayBuffer, b: ArrayBuffer): boolean => toBase64(a) === toBase64(b);

export function toBase64(b: ArrayBuffer): string {
  const v = new Uint8Array(b);
  let s = "";
  for (let i = 0; i < v.length; i += 0x8000) s += String.fromCharCode(...v.subarray(i, i + 0x8000));
  return btoa(s);
}
