// The draft key of this phone. Drafts, their photos and the titles of records are kept under it. Without a PIN it is
// wrapped by a key that the browser holds and does not give out; with a PIN by what the PIN makes (pin.ts, loaded then).
// A key is never thrown away while something may lie under it: a change of PIN adds a new one to the ring.
import type { Store } from "./db";
import { fromBase64 } from "./ids";
import { addKey, deviceRows, openDevice, sameBytes, toBase64, type LockRow, type Ring } from "./ring";
import type { Box, SealKey } from "./types";

/** none-set: no PIN, everything can be read. open: there is a PIN and it was entered. locked: it was not. */
export type LockState = "none-set" | "open" | "locked";
export type UnlockFault = "wrong" | "wait" | "none";
export type Unlocked = { ok: true } | { ok: false; why: UnlockFault; wait_ms: number };

/** Drafts cannot be read or written until the PIN is entered. */
export class Locked extends Error {
  override name = "Locked";
}
/** The key of this row is not on the phone any more, or the row was changed. */
export class Unreadable extends Error {
  override name = "Unreadable";
}

const rowKey = "lockbox";
export const idleMs = 5 * 60_000;
const aes = (): SubtleCrypto | undefined => globalThis.crypto?.subtle;

export class Lockbox {
  state: LockState = "none-set";
  /** False on plain http, where the browser gives no cryptography: rows are kept as they are. */
  readonly usable = !!aes();
  private keys = new Map<string, CryptoKey>();
  private current = "";
  private loading: Promise<LockState> | null = null;
  private idle: ReturnType<typeof setTimeout> | undefined;
  private touched = 0;
  private readonly before = new Set<() => Promise<void>>();
  private readonly watchers = new Set<(s: LockState) => void>();
  private readonly channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("suixing-lock");

  constructor(readonly store: Store, private readonly now: () => number = () => Date.now()) {
    this.channel?.addEventListener("message", (e: MessageEvent<string>) => void this.heard(e.data).catch(this.shut));
    (this.channel as { unref?: () => void } | null)?.unref?.();
  }

  /** ready reads the lock, once; a phone that has none gets a key without a PIN. */
  ready(): Promise<LockState> {
    this.loading ??= this.load().catch((e: unknown) => {
      this.loading = null;
      throw e;
    });
    return this.loading;
  }

  /** onChange is told of every change of state. The result takes the watcher away again. */
  onChange(f: (s: LockState) => void): () => void {
    this.watchers.add(f);
    return () => void this.watchers.delete(f);
  }
  /** beforeLock: what is still only on the page is saved before the key goes. */
  beforeLock(f: () => Promise<void>): () => void {
    this.before.add(f);
    return () => void this.before.delete(f);
  }

  /** touch: the person is there. Without a touch for five minutes a phone with a PIN locks itself. */
  touch(): void {
    const gone = this.now() - this.touched;
    if (this.state === "open" && this.touched && (gone > idleMs || gone < 0)) return void this.lock().catch(this.shut);
    this.touched = this.now();
    clearTimeout(this.idle);
    if (this.state === "open") {
      this.idle = setTimeout(() => void this.lock().catch(this.shut), idleMs);
      (this.idle as { unref?: () => void }).unref?.();
    }
  }

  /** lock forgets the keys, after what is unsaved has been saved. Does nothing without a PIN. */
  async lock(): Promise<void> {
    if (this.state !== "open") return;
    await Promise.allSettled([...this.before].map((f) => f()));
    this.forget();
    this.channel?.postMessage("lock");
  }
  /** shut: whatever went wrong while locking, the keys do not stay. */
  private readonly shut = (): void => {
    this.keys.clear();
    this.current = "";
    if (this.state === "open") this.state = "locked";
    this.loading = Promise.resolve(this.state);
  };
  private forget(): void {
    clearTimeout(this.idle);
    this.keys.clear();
    this.current = "";
    this.become("locked");
  }

  async setPin(pin: string, recovery?: Recovery): Promise<void> {
    await (await import("./pin")).setPin(this, pin, recovery);
    this.channel?.postMessage("again");
  }
  unlock = async (pin: string, recovery?: Recovery): Promise<Unlocked> => (await import("./pin")).unlock(this, pin, recovery);
  async changePin(old: string, pin: string, recovery?: Recovery): Promise<Unlocked> {
    return this.told((await import("./pin")).changePin(this, old, pin, recovery));
  }
  async removePin(pin: string): Promise<Unlocked> {
    return this.told((await import("./pin")).removePin(this, pin));
  }
  /** Other pages take the new keys. */
  private async told(r: Promise<Unlocked>): Promise<Unlocked> {
    if ((await r).ok) this.channel?.postMessage("again");
    return r;
  }
  /** recoveryBox: what POST /api/field/unlock is asked to open, base64; null when the server's key was not known in time. */
  async recoveryBox(): Promise<{ device_id: string; account_id: string; box: string } | null> {
    const s = (await this.row())?.server;
    return s ? { device_id: s.device_id, account_id: s.account_id, box: toBase64(s.box) } : null;
  }
  /** recover opens with what the server gave back, and takes the PIN away: the person sets a new one. */
  async recover(keys: string): Promise<boolean> {
    const done = await (await import("./pin")).recover(this, keys);
    if (done) this.channel?.postMessage("again");
    return done;
  }

  /** wrap puts bytes under the current key; bytes as they are where the browser has no cryptography. */
  async wrap(plain: ArrayBuffer): Promise<Box | ArrayBuffer> {
    if (!this.usable) return plain;
    const key = await this.key(this.current);
    const iv = crypto.getRandomValues(new Uint8Array(12)).buffer;
    return { k: this.current, iv, bytes: await aes()!.encrypt({ name: "AES-GCM", iv }, key, plain) };
  }
  async unwrap(box: Box | ArrayBuffer): Promise<ArrayBuffer> {
    if (!isBox(box)) return box;
    const key = await this.key(box.k);
    try {
      return await aes()!.decrypt({ name: "AES-GCM", iv: box.iv }, key, box.bytes);
    } catch {
      throw new Unreadable("row cannot be opened");
    }
  }
  async wrapJson(v: unknown): Promise<Box | null> {
    const b = await this.wrap(new TextEncoder().encode(JSON.stringify(v)).buffer as ArrayBuffer);
    return isBox(b) ? b : null;
  }
  unwrapJson = async <T>(box: Box): Promise<T> => JSON.parse(new TextDecoder().decode(await this.unwrap(box))) as T;

  private async key(id: string): Promise<CryptoKey> {
    if ((await this.ready()) === "locked") throw new Locked("locked");
    const key = this.keys.get(id || this.current);
    if (!key) throw new Unreadable("no such key");
    return key;
  }

  // What pin.ts works with.
  row = (): Promise<LockRow | undefined> => this.store.kv<LockRow>(rowKey);
  save = (row: LockRow): Promise<void> => this.store.setKv(rowKey, row);
  time = (): number => this.now();
  /** take: from here on these keys are in force. */
  async take(ring: Ring, state: LockState): Promise<void> {
    const keys = new Map<string, CryptoKey>();
    for (const [id, raw] of Object.entries(ring.keys)) keys.set(id, await aes()!.importKey("raw", fromBase64(raw)! as BufferSource, "AES-GCM", false, ["encrypt", "decrypt"]));
    this.keys = keys;
    this.current = ring.current;
    this.loading = Promise.resolve(state);
    this.become(state);
    this.touched = 0;
    this.touch();
  }
  private become(state: LockState): void {
    this.state = state;
    this.loading = Promise.resolve(state);
    this.watchers.forEach((f) => f(state));
  }

  private async load(): Promise<LockState> {
    if (!this.usable) return (this.state = "none-set");
    const row = await this.row();
    if (row?.pin) this.become("locked");
    else if (!row?.device) await this.begin();
    else {
      const ring = await openDevice(row.device);
      if (ring) await this.take(ring, "none-set");
      else await this.begin(row);
    }
    return this.state;
  }

  /**
   * begin makes the first key. Two pages that begin at once agree on one: the first that is stored. A browser that lost
   * its own key (an iPhone set up from a backup) begins anew; what lay under the old one is listed as unreadable.
   */
  private async begin(lost?: LockRow): Promise<void> {
    const { strong, weak } = await deviceRows(addKey({ current: "", keys: {} }));
    const put = (fresh: LockRow, over?: LockRow) => this.store.write(["kv"], async (w) => {
      const there = (await w.get("kv", rowKey))?.value as LockRow | undefined;
      if (lost && there) await w.put("kv", { key: `${rowKey}:lost`, value: { ...there, device: { ...there.device, key: null } } });
      if (!there || (over && there.device?.iv && sameBytes(there.device.iv, over.device!.iv))) await w.put("kv", { key: rowKey, value: fresh });
    });
    if (!(await put(strong, lost).then(() => true, refusedKey))) await put(weak, lost);
    let row = await this.row();
    if (row?.device && !(await openDevice(row.device))) {
      await put(weak, row); // stored, and not given back: it keeps no keys after all
      row = await this.row();
    }
    const ring = row?.device && (await openDevice(row.device));
    if (ring) await this.take(ring, "none-set");
    else this.become("locked");
  }

  private async heard(what: string): Promise<void> {
    if (what === "lock" && this.state === "open") {
      await Promise.allSettled([...this.before].map((f) => f()));
      this.forget();
    }
    if (what === "again") {
      await Promise.allSettled([...this.before].map((f) => f()));
      this.keys.clear();
      this.loading = null;
      await this.ready().catch(() => undefined);
    }
  }
}

/** What a forgotten PIN can be got over with: sealed to the server for this account and device. */
export interface Recovery { key: SealKey; account_id: string; device_id: string }

export const isBox = (b: unknown): b is Box => typeof b === "object" && b !== null && "k" in b && "iv" in b && "bytes" in b;

/** saveDevice keeps the ring without a PIN. */
export async function saveDevice(box: Lockbox, ring: Ring): Promise<void> {
  const { strong, weak } = await deviceRows(ring);
  if (!(await box.save(strong).then(() => true, refusedKey))) await box.save(weak);
  const back = await box.row();
  if (!back?.device || !(await openDevice(back.device))) await box.save(weak);
}
/** False: this browser stores no keys; any other fault goes on. */
function refusedKey(e: unknown): false {
  if ((e as { name?: string }).name === "DataCloneError") return false;
  throw e;
}
