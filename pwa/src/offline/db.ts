// The only place that opens IndexedDB. One connection; every call goes through `run`, which opens again and tries once
// more when the browser has closed the connection behind our back (WebKit does, in the background) or does not answer,
// and gives a full disk its own name, because that has a remedy the user can carry out.
import { openDB, type IDBPDatabase } from "idb";
import { schemaVersion, upgrade, type Schema, type StoreName } from "./schema";

export type * from "./schema";
export type Connection = IDBPDatabase<Schema>;

/** The disk or the browser's share of it is full: nothing that was there before is harmed. */
export class StorageFull extends Error {
  override name = "StorageFull";
}
/** The browser refuses to store at all, or lost its database twice in a row. */
export class StorageBroken extends Error {
  override name = "StorageBroken";
}
/** Another page runs a newer version of the app and has brought the database forward: this page is to be loaded anew. */
export class NewerVersion extends Error {
  override name = "NewerVersion";
}
/** What was written could not be read back as it was. */
export class NotKept extends Error {
  override name = "NotKept";
}

const closing = new Set(["InvalidStateError", "UnknownError", "AbortError", "TransactionInactiveError", "TimeoutError"]);
/** Some browsers leave a request unanswered for ever after they have been in the background. */
const patience = 15_000;

export class Store {
  private conn: Promise<Connection> | null = null;
  constructor(private readonly name = "suixing-field", private readonly patience_ms = patience) {}

  private open(): Promise<Connection> {
    if (this.conn) return this.conn;
    const opening: Promise<Connection> = openDB<Schema>(this.name, schemaVersion, {
      upgrade: (db, from, _to, tx) => {
        tx.done.catch(() => undefined); // the opening itself says so
        upgrade(db, from, tx).catch(() => tx.abort()).catch(() => undefined);
      },
      // Another tab runs a newer version: give way, the next call opens again.
      blocking: (_current, _blocked, e) => {
        (e.target as IDBDatabase | null)?.close();
        forget();
      },
      terminated: () => forget(),
    });
    const forget = () => {
      if (this.conn === opening) this.conn = null;
    };
    this.conn = opening;
    opening.then((db) => db.addEventListener("close", forget), forget);
    return opening;
  }

  /**
   * run gives the connection to `work`; a lost or silent connection is opened anew and the work done once more.
   * Work must be idempotent; what it wants undone when nobody answers it hands to `stuck`.
   */
  async run<T>(work: (db: Connection, stuck: (undo: () => void) => void) => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.answered(work);
      } catch (e) {
        const name = (e as { name?: string }).name ?? "";
        if (name === "QuotaExceededError" || (e as { code?: number }).code === 22) throw new StorageFull("storage full");
        if (name === "VersionError") throw new NewerVersion("the database belongs to a newer version");
        if (attempt > 0 || !closing.has(name)) {
          if (closing.has(name) || name === "SecurityError" || name === "NotFoundError") throw new StorageBroken(`storage broken: ${name}`);
          throw e;
        }
        this.close();
      }
    }
  }

  private async answered<T>(work: (db: Connection, stuck: (undo: () => void) => void) => Promise<T>): Promise<T> {
    const undo: (() => void)[] = [];
    let over = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_ok, no) => {
      timer = setTimeout(() => {
        over = true;
        undo.forEach((f) => f());
        no(Object.assign(new Error("no answer from IndexedDB"), { name: "TimeoutError" }));
      }, this.patience_ms);
    });
    const done = (async () => {
      const db = await this.open();
      // Opened after we gave up: the second try does the work, not this one too.
      if (over) throw new Error("late");
      return work(db, (f) => undo.push(f));
    })();
    done.catch(() => undefined); // the race may have been lost to the clock
    try {
      return await Promise.race([done, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** close lets go of the connection; it does not wait for one that hangs. */
  close(): void {
    const c = this.conn;
    this.conn = null;
    c?.then((db) => db.close()).catch(() => undefined); // lost already: that is why we are here
  }

  get = <S extends StoreName>(store: S, key: string): Promise<Schema[S]["value"] | undefined> => this.run((db) => db.get(store, key));
  all = <S extends StoreName>(store: S): Promise<Schema[S]["value"][]> => this.run((db) => db.getAll(store));
  keys = (store: StoreName): Promise<string[]> => this.run((db) => db.getAllKeys(store));
  put = <S extends StoreName>(store: S, value: Schema[S]["value"]): Promise<void> =>
    this.write([store], async (tx) => void (await tx.put(store, value)));
  drop = (store: StoreName, key: string): Promise<void> => this.write([store], async (tx) => tx.drop(store, key));

  /** write does several changes or none. It resolves when the browser says that the transaction is complete. */
  write(names: StoreName[], work: (w: Writer) => Promise<void>): Promise<void> {
    return this.run(async (db, stuck) => {
      const tx = db.transaction(names, "readwrite", { durability: "strict" } as never);
      const abort = () => {
        try {
          tx.abort();
        } catch {
          // Already aborted by the fault itself.
        }
      };
      stuck(abort);
      const w: Writer = {
        get: (s, k) => tx.objectStore(s).get(k) as never,
        all: (s) => tx.objectStore(s).getAll() as never,
        keys: (s) => tx.objectStore(s).getAllKeys() as never,
        put: async (s, v) => void (await tx.objectStore(s).put!(v as never)),
        drop: async (s, k) => void (await tx.objectStore(s).delete!(k)),
      };
      try {
        await work(w);
      } catch (e) {
        abort();
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
}

/** The changes one transaction may make. Between them nothing else may be awaited: the browser would end it. */
export interface Writer {
  get<S extends StoreName>(store: S, key: string): Promise<Schema[S]["value"] | undefined>;
  all<S extends StoreName>(store: S): Promise<Schema[S]["value"][]>;
  keys(store: StoreName): Promise<string[]>;
  put<S extends StoreName>(store: S, value: Schema[S]["value"]): Promise<void>;
  drop(store: StoreName, key: string): Promise<void>;
}
