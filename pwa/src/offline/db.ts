// The only place that opens IndexedDB. One connection; every call goes through `run`, which opens again and tries once
// more when the browser has closed the connection behind our back (WebKit does, in the background), and gives a full
// disk its own name, because that has a remedy the user can carry out.
import { openDB, type DBSchema, type IDBPDatabase } from "idb";
import { sha256 } from "./ids";
import type { Draft, Receipt, Ticket } from "./types";
import type { Item } from "./outbox";

export interface PhotoRow { sha256: string; bytes: ArrayBuffer; thumb: ArrayBuffer | null; type: string; saved_at: string }
export interface SealedRow { id: string; bytes: ArrayBuffer; digest: string }
export interface ReceiptRow { id: string; visit_id: string; title: string; version: number; photos: number; received_at: string; receipt: Receipt }

interface Schema extends DBSchema {
  drafts: { key: string; value: Draft };
  photos: { key: string; value: PhotoRow };
  sealed: { key: string; value: SealedRow };
  outbox: { key: string; value: Item };
  receipts: { key: string; value: ReceiptRow };
  tickets: { key: string; value: Ticket };
  kv: { key: string; value: { key: string; value: unknown } };
}
export type Connection = IDBPDatabase<Schema>;
export type StoreName = "drafts" | "photos" | "sealed" | "outbox" | "receipts" | "tickets" | "kv";
const stores: StoreName[] = ["drafts", "photos", "sealed", "outbox", "receipts", "tickets", "kv"];

/** The disk or the browser's share of it is full: nothing that was there before is harmed. */
export class StorageFull extends Error {
  override name = "StorageFull";
}
/** The browser refuses to store at all, or lost its database twice in a row. */
export class StorageBroken extends Error {
  override name = "StorageBroken";
}
/** What was written could not be read back as it was. */
export class NotKept extends Error {
  override name = "NotKept";
}

const closing = new Set(["InvalidStateError", "UnknownError", "AbortError", "TransactionInactiveError"]);

export class Store {
  private conn: Promise<Connection> | null = null;
  constructor(private readonly name = "suixing-field") {}

  private open(): Promise<Connection> {
    if (this.conn) return this.conn;
    const forget = () => void (this.conn = null);
    const opening = openDB<Schema>(this.name, 1, {
      upgrade(db) {
        const keys: Record<StoreName, string> = { drafts: "id", photos: "sha256", sealed: "id", outbox: "id", receipts: "id", tickets: "id", kv: "key" };
        for (const s of stores) if (!db.objectStoreNames.contains(s)) db.createObjectStore(s, { keyPath: keys[s] });
      },
      // Another tab runs a newer version: give way, the next call opens again.
      blocking: (_current, _blocked, e) => {
        (e.target as IDBDatabase | null)?.close();
        forget();
      },
      terminated: forget,
    });
    this.conn = opening;
    opening.then((db) => db.addEventListener("close", forget), forget);
    return opening;
  }

  /** run gives the connection to `work`; a lost connection is opened anew and the work done once more. Work must be idempotent. */
  async run<T>(work: (db: Connection) => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await work(await this.open());
      } catch (e) {
        const name = (e as { name?: string }).name ?? "";
        if (name === "QuotaExceededError" || (e as { code?: number }).code === 22) throw new StorageFull("storage full");
        if (attempt > 0 || !closing.has(name)) {
          if (closing.has(name) || name === "SecurityError" || name === "NotFoundError") throw new StorageBroken(`storage broken: ${name}`);
          throw e;
        }
        await this.close();
      }
    }
  }

  async close(): Promise<void> {
    const c = this.conn;
    this.conn = null;
    try {
      (await c)?.close();
    } catch {
      // It was lost already: that is why we are here.
    }
  }

  get = <S extends StoreName>(store: S, key: string): Promise<Schema[S]["value"] | undefined> => this.run((db) => db.get(store, key));
  all = <S extends StoreName>(store: S): Promise<Schema[S]["value"][]> => this.run((db) => db.getAll(store));
  put = <S extends StoreName>(store: S, value: Schema[S]["value"]): Promise<void> =>
    this.write([store], async (tx) => void (await tx.put(store, value)));
  drop = (store: StoreName, key: string): Promise<void> => this.write([store], async (tx) => tx.drop(store, key));

  /** write does several changes or none. It resolves when the browser says that the transaction is complete. */
  write(names: StoreName[], work: (w: Writer) => Promise<void>): Promise<void> {
    return this.run(async (db) => {
      const tx = db.transaction(names, "readwrite", { durability: "strict" } as never);
      const w: Writer = {
        get: (s, k) => tx.objectStore(s).get(k) as never,
        all: (s) => tx.objectStore(s).getAll() as never,
        put: async (s, v) => void (await tx.objectStore(s).put!(v as never)),
        drop: async (s, k) => void (await tx.objectStore(s).delete!(k)),
      };
      try {
        await work(w);
      } catch (e) {
        try {
          tx.abort();
        } catch {
          // Already aborted by the fault itself.
        }
        await tx.done.catch(() => undefined);
        throw e;
      }
      await tx.done;
    });
  }

  async kv<T>(key: string): Promise<T | undefined> {
    return (await this.get("kv", key))?.value as T | undefined;
  }
  setKv = (key: string, value: unknown): Promise<void> => this.put("kv", { key, value });

  /**
   * keepPhoto stores the bytes, reads them back and compares the hash: only then may the page say 已存本机.
   * Bytes are kept as ArrayBuffer: a Blob in IndexedDB can become unreadable on WebKit.
   */
  async keepPhoto(bytes: ArrayBuffer, thumb: ArrayBuffer | null, type: string, now: Date): Promise<string> {
    const sum = await sha256(bytes);
    if (await this.photoIntact(sum)) return sum;
    await this.put("photos", { sha256: sum, bytes, thumb, type, saved_at: now.toISOString() });
    if (!(await this.photoIntact(sum))) {
      await this.drop("photos", sum);
      throw new NotKept("photo did not read back as written");
    }
    return sum;
  }

  async photoIntact(sum: string): Promise<boolean> {
    const row = await this.get("photos", sum);
    return !!row && row.bytes instanceof ArrayBuffer && (await sha256(row.bytes)) === sum;
  }
}

/** The changes one transaction may make. */
export interface Writer {
  get<S extends StoreName>(store: S, key: string): Promise<Schema[S]["value"] | undefined>;
  all<S extends StoreName>(store: S): Promise<Schema[S]["value"][]>;
  put<S extends StoreName>(store: S, value: Schema[S]["value"]): Promise<void>;
  drop(store: StoreName, key: string): Promise<void>;
}
