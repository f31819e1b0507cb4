// One sender across all tabs: Web Locks where there are any, else a lease in the database that runs out by itself
// when its owner dies.
import { StorageFull, type Store } from "./db";

export const leaseFor = 60_000;
/** Often enough that a long upload does not outlive its lease. */
const heartbeat = 15_000;
interface Lease { owner: string; until: number }

export interface Held { renew: () => Promise<void> }

/** alone runs `work` if nobody else holds `name`; false when somebody does. */
export async function alone(store: Store, name: string, owner: string, now: () => number, work: (h: Held) => Promise<void>): Promise<boolean> {
  const locks = (globalThis.navigator as { locks?: LockManager } | undefined)?.locks;
  if (locks) {
    return locks.request(name, { ifAvailable: true }, async (lock) => {
      if (!lock) return false;
      await work({ renew: async () => undefined });
      return true;
    });
  }
  const key = `lease:${name}`;
  const take = async (): Promise<boolean> => {
    let mine = false;
    await store.write(["kv"], async (w) => {
      const held = (await w.get("kv", key))?.value as Lease | undefined;
      mine = !held || held.owner === owner || over(held, now());
      if (mine) await w.put("kv", { key, value: { owner, until: now() + leaseFor } });
    });
    return mine;
  };
  // A phone too full to write even a lease may still send: what it sends again is told apart by the server.
  const mine = await take().catch(async (e: unknown) => {
    if (!(e instanceof StorageFull)) throw e;
    const held = await store.kv<Lease>(key);
    return !held || held.owner === owner || over(held, now());
  });
  if (!mine) return false;
  const beat = setInterval(() => void take().catch(() => undefined), heartbeat);
  try {
    await work({ renew: async () => void (await take()) });
  } finally {
    clearInterval(beat);
    await store
      .write(["kv"], async (w) => {
        const held = (await w.get("kv", key))?.value as Lease | undefined;
        if (held?.owner === owner) await w.drop("kv", key);
      })
      .catch(() => undefined); // it runs out by itself
  }
  return true;
}

/** A lease that ends later than any lease can was taken while the clock was wrong. */
const over = (l: Lease, now: number): boolean => l.until <= now || l.until > now + leaseFor;
