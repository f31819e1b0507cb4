export const hex = (b: Uint8Array): string => Array.from(b, (x) => x.toString(16).padStart(2, "0")).join("");

/** fromBase64 reads standard or URL-safe base64, with or without padding; null when it is neither. */
export function fromBase64(s: string): Uint8Array | null {
  try {
    const raw = atob(s.replace(/-/g, "+").replace(/_/g, "/").replace(/=+$/, ""));
    return Uint8Array.from(raw, (c) => c.charCodeAt(0));
  } catch {
    return null;
  }
}

/** sha256 in hex. crypto.subtle is missing on plain http and in some old WebViews; the bundled one, loaded then, gives the same answer. */
export async function sha256(bytes: ArrayBuffer): Promise<string> {
  if (globalThis.crypto?.subtle) return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
  return hex((await import("@noble/hashes/sha256")).sha256(new Uint8Array(bytes)));
}

/** uuidv7: 48 bits of milliseconds, then random (RFC 9562). The phone makes the id, so that a retry is the same record. */
export function uuidv7(now: number = Date.now()): string {
  const b = new Uint8Array(16);
  crypto.getRandomValues(b);
  let ms = now;
  for (let i = 5; i >= 0; i--) {
    b[i] = ms % 256;
    ms = Math.floor(ms / 256);
  }
  b[6] = (b[6]! & 0x0f) | 0x70;
  b[8] = (b[8]! & 0x3f) | 0x80;
  const h = hex(b);
  return `${h.slice(0, 8)}-${h.slice(8, 12)}-${h.slice(12, 16)}-${h.slice(16, 20)}-${h.slice(20)}`;
}
