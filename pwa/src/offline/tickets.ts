// The stock of feedback tickets: fetched while there is a network, used up where there is none.
import type { Store } from "./db";
import { uuidv7 } from "./ids";
import { ask as askServer, type Ask, type Reply } from "./net";
import type { Ticket } from "./types";

export const wanted = 20;
const low = 10;

/** refillTickets brings the stock of this account back to `wanted` when it runs low. */
export async function refillTickets(store: Store, account: string, now: () => Date, ask: (a: Ask) => Promise<Reply> = askServer): Promise<void> {
  const free = await freeTickets(store, account);
  if (free.length > low) return;
  // A new request id each time: if the answer is lost, those tickets were never shown to anybody and can be revoked.
  const body = JSON.stringify({ request_id: uuidv7(), count: wanted - free.length });
  const r = await ask({ method: "POST", path: "/api/tickets", body, type: "application/json" });
  const items = r.kind === "answer" && (r.status === 200 || r.status === 201) ? (r.json as { items?: Partial<Ticket>[] } | null)?.items : null;
  if (!Array.isArray(items)) return;
  await store.write(["tickets"], async (w) => {
    for (const t of items) {
      if (!t.id || !t.url || !t.qr_png) continue;
      await w.put("tickets", { id: t.id, account_id: account, url: t.url, short: t.short ?? "", qr_png: t.qr_png, got_at: now().toISOString(), sheet_id: "" });
    }
  });
}

export async function freeTickets(store: Store, account: string): Promise<Ticket[]> {
  return (await store.all("tickets")).filter((t) => t.account_id === account && !t.sheet_id).sort((a, b) => (a.got_at < b.got_at ? -1 : 1));
}

/** takeTicket gives a sheet its one ticket: the same again when asked again, null when the stock is empty. */
export async function takeTicket(store: Store, account: string, sheet: string): Promise<Ticket | null> {
  let taken: Ticket | null = null;
  await store.write(["tickets"], async (w) => {
    const mine = (await w.all("tickets")).filter((t) => t.account_id === account);
    taken = mine.find((t) => t.sheet_id === sheet) ?? mine.filter((t) => !t.sheet_id).sort((a, b) => (a.got_at < b.got_at ? -1 : 1))[0] ?? null;
    if (taken && !taken.sheet_id) await w.put("tickets", (taken = { ...taken, sheet_id: sheet }));
  });
  return taken;
}
