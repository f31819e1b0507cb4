// The stock of feedback tickets: fetched while there is a network, used up where there is none. What a ticket opens with
// lies under the draft key.
import type { Store } from "./db";
import { deviceOf } from "./device";
import { uuidv7 } from "./ids";
import { Unreadable, type Lockbox } from "./lockbox";
import { ask as askServer, type Ask, type Reply } from "./net";
import type { Ticket, TicketRow, TicketSecret } from "./types";

export const wanted = 20;
const low = 10;

/** refillTickets brings the stock of this account back to `wanted` when it runs low. It does nothing while the phone is locked. */
export async function refillTickets(box: Lockbox, account: string, now: () => Date, ask: (a: Ask) => Promise<Reply> = askServer): Promise<void> {
  const free = await freeTickets(box.store, account);
  if (free.length > low || (await box.ready()) === "locked") return;
  // Only for a phone that the office can report lost: its unused tickets end in the same deed.
  const device = await deviceOf(box.store, account);
  if (!device?.secret || device.state !== "good") return;
  // A new request id each time: if the answer is lost, those tickets were never shown to anybody and end with the phone.
  const body = JSON.stringify({ request_id: uuidv7(), count: wanted - free.length, device_id: device.id });
  const r = await ask({ method: "POST", path: "/api/tickets", body, type: "application/json" });
  const items = r.kind === "answer" && (r.status === 200 || r.status === 201) ? (r.json as { items?: Partial<Ticket>[] } | null)?.items : null;
  // Why there are none is told before somebody stands in a shop without a code.
  const words = r.kind === "answer" && r.status >= 400 && r.status < 500 ? (r.json as { detail?: unknown } | null)?.detail : "";
  await box.store.setKv(faultKey(account), typeof words === "string" ? words : "");
  if (!Array.isArray(items)) return;
  const rows: TicketRow[] = [];
  for (const t of items) {
    if (!t.id || !t.url || !t.qr_png) continue;
    const secret: TicketSecret = { url: t.url, short: t.short ?? "", qr_png: t.qr_png };
    rows.push({ id: t.id, account_id: account, got_at: now().toISOString(), sheet_id: "", body: (await box.wrapJson(secret)) ?? { plain: secret } });
  }
  if (!box.usable) await box.store.setKv("plain_left", true);
  await box.store.write(["tickets"], async (w) => {
    for (const t of rows) await w.put("tickets", t);
  });
}

const faultKey = (account: string): string => `tickets_fault:${account}`;
/** ticketFault: why the server gave no new codes the last time it was asked; "" when it did, or could not be asked. */
export const ticketFault = async (store: Store, account: string): Promise<string> => (await store.kv<string>(faultKey(account))) ?? "";

export async function freeTickets(store: Store, account: string): Promise<TicketRow[]> {
  return (await store.all("tickets")).filter((t) => t.account_id === account && !t.sheet_id).sort(byAge);
}
const byAge = (a: TicketRow, b: TicketRow): number => (a.got_at < b.got_at ? -1 : 1);

/** takeTicket gives a sheet its one ticket: the same again when asked again, null when the stock is empty. `anew`: one in place of that which is gone. */
export async function takeTicket(box: Lockbox, account: string, sheet: string, anew = false): Promise<Ticket | null> {
  for (;;) {
    let taken: TicketRow | null = null;
    await box.store.write(["tickets"], async (w) => {
      const mine = (await w.all("tickets")).filter((t) => t.account_id === account);
      const shown = mine.find((t) => t.sheet_id === sheet && !(anew && t.gone));
      taken = shown ?? mine.filter((t) => !t.sheet_id).sort(byAge)[0] ?? null;
      if (taken && !shown) {
        for (const t of mine) if (t.sheet_id === sheet) await w.drop("tickets", t.id);
        await w.put("tickets", (taken = { ...taken, sheet_id: sheet }));
      }
    });
    const row = taken as TicketRow | null;
    if (!row) return null;
    try {
      const { body, ...rest } = row;
      return { ...rest, ...("plain" in body ? body.plain : await box.unwrapJson<TicketSecret>(body)) };
    } catch (e) {
      if (!(e instanceof Unreadable)) throw e;
      await box.store.drop("tickets", row.id); // its key is lost: nobody can show it any more
    }
  }
}

/** shownTicket: the one that a sheet has shown, also after it was sealed; null when none was. It takes none. */
export async function shownTicket(box: Lockbox, sheet: string): Promise<Ticket | null> {
  const row = (await box.store.all("tickets")).find((t) => t.sheet_id === sheet);
  if (!row) return null;
  const { body, ...rest } = row;
  return { ...rest, ...("plain" in body ? body.plain : await box.unwrapJson<TicketSecret>(body)) };
}

/** carried: the tickets of an account that may yet be shown: unused ones, and those of sheets that are being written. */
export const carried = (tickets: readonly TicketRow[], account: string, drafts: ReadonlySet<string>): string[] =>
  tickets.filter((t) => t.account_id === account && !t.gone && (!t.sheet_id || drafts.has(t.sheet_id))).map((t) => t.id).sort();

/** dropGone: what opens nothing is not shown to anybody; where it was shown already, the page says so. */
export async function dropGone(store: Store, account: string, ids: readonly string[]): Promise<void> {
  if (!ids.length) return;
  await store.write(["tickets"], async (w) => {
    for (const t of await w.all("tickets")) {
      if (t.account_id !== account || !ids.includes(t.id)) continue;
      if (t.sheet_id) await w.put("tickets", { ...t, gone: true });
      else await w.drop("tickets", t.id);
    }
  });
}
