// The PIN of the lockbox: loaded when one is set or asked for.
import { sealEnvelope, unlockInfo, canSeal } from "./envelope";
import { fromBase64 } from "./ids";
import { Locked, saveDevice, Unreadable, type Lockbox, type Recovery, type Unlocked } from "./lockbox";
import { addKey, openDevice, openRing, wrapRing, type LockRow, type Ring } from "./ring";

export const rounds = 600_000;
/** After five wrong PINs each further one costs a wait, doubled up to a quarter of an hour. */
const free = 5;
const pause = (fails: number): number => (fails < free ? 0 : Math.min(30_000 * 2 ** (fails - free), 900_000));

/** A PIN is 4 to 12 digits or letters; what is weaker or empty is no lock. */
export class WeakPin extends Error {
  override name = "WeakPin";
}

/** setPin wraps the keys by the PIN, adds a fresh key for what is written from now on, and forgets the browser's own. */
export async function setPin(box: Lockbox, pin: string, recovery?: Recovery): Promise<void> {
  await box.ready();
  const row = await box.row();
  if (!row?.device) throw new Locked("there is a PIN already"); // then changePin, which asks for it
  const ring = await openDevice(row.device);
  if (!ring) throw new Unreadable("the browser has lost its key");
  await putUnder(box, pin, ring, recovery);
}

async function putUnder(box: Lockbox, pin: string, old: Ring, recovery?: Recovery): Promise<void> {
  if (!/^[0-9A-Za-z]{4,12}$/.test(pin) || /^(.)\1*$/.test(pin)) throw new WeakPin("weak pin");
  const ring = addKey(old);
  await box.save({ v: 1, device: null, pin: await underPin(pin, ring), server: await forServer(ring, recovery), fails: 0, failed_at: 0 });
  await box.take(ring, "open");
}

/** unlock opens with the PIN. Where the server's key was not known when the PIN was set, the way back is made now. */
export async function unlock(box: Lockbox, pin: string, recovery?: Recovery): Promise<Unlocked> {
  const r = await byPin(box, pin);
  if ("why" in r) return r;
  if (!r.row.server && recovery) await box.save({ ...r.row, server: await forServer(r.ring, recovery), fails: 0, failed_at: 0 });
  await box.take(r.ring, "open");
  return { ok: true };
}

export async function changePin(box: Lockbox, old: string, pin: string, recovery?: Recovery): Promise<Unlocked> {
  const r = await byPin(box, old);
  if ("why" in r) return r;
  await putUnder(box, pin, r.ring, recovery);
  return { ok: true };
}

/** removePin goes back to the browser's own key. */
export async function removePin(box: Lockbox, pin: string): Promise<Unlocked> {
  const r = await byPin(box, pin);
  if ("why" in r) return r;
  await saveDevice(box, r.ring);
  await box.take(r.ring, "none-set");
  return { ok: true };
}

/** recover takes the keys from the server; false when they are not keys, or this phone is not locked. */
export async function recover(box: Lockbox, keys: string): Promise<boolean> {
  if ((await box.ready()) !== "locked") return false;
  const raw = fromBase64(keys);
  let ring: Ring | null = null;
  try {
    ring = raw && (JSON.parse(new TextDecoder().decode(raw)) as Ring);
  } catch {
    return false;
  }
  if (!ring?.current || !ring.keys?.[ring.current]) return false;
  await saveDevice(box, ring);
  await box.take(ring, "none-set");
  return true;
}

async function byPin(box: Lockbox, pin: string): Promise<{ ring: Ring; row: LockRow } | (Unlocked & { ok: false })> {
  const row = await box.row();
  if (!row?.pin) return { ok: false, why: "none", wait_ms: 0 };
  // A clock that is put right does not make the wait longer than it is: a try from the future was now.
  if (row.failed_at > box.time()) {
    row.failed_at = box.time();
    await box.save(row);
  }
  const left = pause(row.fails) - (box.time() - row.failed_at);
  if (left > 0) return { ok: false, why: "wait", wait_ms: left };
  try {
    const ring = await openRing(await pinKey(pin, row.pin.salt, row.pin.rounds), row.pin);
    if (row.fails) await box.save({ ...row, fails: 0, failed_at: 0 });
    return { ring, row };
  } catch (e) {
    if ((e as { name?: string }).name !== "OperationError") throw e; // the store, not the PIN
    const fails = row.fails + 1;
    await box.save({ ...row, fails, failed_at: box.time() });
    return { ok: false, why: "wrong", wait_ms: pause(fails) };
  }
}

async function underPin(pin: string, ring: Ring): Promise<NonNullable<LockRow["pin"]>> {
  const salt = crypto.getRandomValues(new Uint8Array(16)).buffer;
  return { salt, rounds, ...(await wrapRing(await pinKey(pin, salt, rounds), ring)) };
}

async function pinKey(pin: string, salt: ArrayBuffer, iterations: number): Promise<CryptoKey> {
  const base = await crypto.subtle.importKey("raw", new TextEncoder().encode(pin), "PBKDF2", false, ["deriveKey"]);
  return crypto.subtle.deriveKey({ name: "PBKDF2", hash: "SHA-256", salt, iterations }, base, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

/** What the server opens for its account alone: {account_id, device_id, keys: base64 of the ring's JSON}. */
async function forServer(ring: Ring, r?: Recovery): Promise<LockRow["server"]> {
  if (!r || !canSeal(r.key)) return null;
  const keys = btoa(JSON.stringify(ring));
  const plain = new TextEncoder().encode(JSON.stringify({ account_id: r.account_id, device_id: r.device_id, keys })).buffer as ArrayBuffer;
  return { box: await sealEnvelope(r.key, unlockInfo(r.device_id), plain), account_id: r.account_id, device_id: r.device_id };
}
