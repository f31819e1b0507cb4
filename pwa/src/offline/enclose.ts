// What an earlier version, or a moment without a key, left readable on the phone is put under keys: drafts and their
// photos under the draft key, sealed records under the server's. It may be killed anywhere and begun again.
import { canSeal } from "./envelope";
import { isBox, type Lockbox } from "./lockbox";
import type { PackRow } from "./pack";
import { change, labelled } from "./queue";
import { putSealed, sealPhoto, whole } from "./seal";
import type { SealKey } from "./types";

/** enclose returns how many rows are still readable: 0 when all is done. It does nothing when nothing was left. */
export async function enclose(box: Lockbox, key: SealKey | null, now: Date): Promise<number> {
  const { store } = box;
  if (!(await store.kv<boolean>("plain_left"))) return 0;
  if (!box.usable || (await box.ready()) === "locked") return 1;
  const left = (await drafts(box)) + (await labels(box)) + (await lists(box)) + (await sealed(box, key, now)) + (await photos(box));
  if (!left) await store.setKv("plain_left", false);
  return left;
}

async function drafts(box: Lockbox): Promise<number> {
  for (const row of await box.store.all("drafts")) {
    if (!("plain" in row.body)) continue;
    const body = (await box.wrapJson(row.body.plain))!;
    await box.store.write(["drafts"], async (w) => {
      const still = await w.get("drafts", row.id);
      if (still && still.rev === row.rev && "plain" in still.body) await w.put("drafts", { ...still, body });
    });
  }
  return 0;
}

async function labels(box: Lockbox): Promise<number> {
  for (const i of await box.store.all("outbox")) {
    if (!i.title && !i.text) continue;
    const { label } = await labelled(box, i, { title: i.title, text: i.text });
    await change(box.store, i.id, (x) => ({ ...x, label, title: "", text: "" }));
  }
  for (const r of await box.store.all("receipts")) {
    if (!r.title) continue;
    const label = await box.wrapJson({ title: r.title, text: "" });
    await box.store.write(["receipts"], async (w) => {
      const still = await w.get("receipts", r.id);
      if (still?.title) await w.put("receipts", { ...still, title: "", label });
    });
  }
  return 0;
}

/** lists: of the day, the tickets, and why something was given up. */
async function lists(box: Lockbox): Promise<number> {
  const { store } = box;
  for (const t of await store.all("tickets")) {
    if (!("plain" in t.body)) continue;
    const body = (await box.wrapJson(t.body.plain))!;
    await store.write(["tickets"], async (w) => {
      const still = await w.get("tickets", t.id);
      if (still) await w.put("tickets", { ...still, body });
    });
  }
  for (const d of await store.all("discards")) {
    if (!d.reason) continue;
    const label = await box.wrapJson({ title: "", text: d.reason });
    await store.write(["discards"], async (w) => {
      if (await w.get("discards", d.id)) await w.put("discards", { ...d, reason: "", label });
    });
  }
  for (const key of (await store.keys("kv")).filter((k) => k.startsWith("pack:"))) {
    const row = await store.kv<PackRow>(key);
    if (!row || !("plain" in row.body)) continue;
    const value: PackRow = { ...row, body: (await box.wrapJson(row.body.plain))! };
    await store.write(["kv"], async (w) => {
      const still = (await w.get("kv", key))?.value as PackRow | undefined;
      if (still && "plain" in still.body && still.etag === row.etag) await w.put("kv", { key, value });
    });
  }
  return 0;
}

/** sealed: plain rows of the outbox go under the server's key; the plain bytes, hashes and all, stay what they were. */
async function sealed(box: Lockbox, key: SealKey | null, now: Date): Promise<number> {
  const { store } = box;
  let left = 0;
  for (const item of await store.all("outbox")) {
    if (item.kind !== "sheet") continue;
    const row = await store.get("sealed", item.id);
    if (row?.form === "plain") {
      if (!canSeal(key)) left++;
      else if (await whole(row)) await putSealed(store, row, row.bytes, key, now);
    }
    for (const p of item.photos) {
      const kept = await store.get("sealed", p.sha256);
      if (kept?.form === "sxs1") continue;
      if (!canSeal(key)) left++;
      else if (kept && (await whole(kept))) await putSealed(store, kept, kept.bytes, key, now);
      else if (!(await sealPhoto(box, p.sha256, p.type, key, now))) continue; // lost, or freed: the sender says so
      await freeReadable(box, p.sha256);
    }
  }
  return left;
}

/** The readable copy goes once the sealed one stands, unless a draft shows it. */
async function freeReadable(box: Lockbox, sum: string): Promise<void> {
  await box.store.write(["drafts", "sealed", "photos"], async (w) => {
    const kept = await w.get("sealed", sum);
    if (kept?.form === "sxs1" && !(await w.all("drafts")).some((d) => d.photos.includes(sum))) await w.drop("photos", sum);
  });
}

async function photos(box: Lockbox): Promise<number> {
  for (const sum of await box.store.keys("photos")) {
    const row = await box.store.get("photos", sum);
    if (!row || isBox(row.bytes)) continue;
    const next = { ...row, size: row.bytes.byteLength, bytes: await box.wrap(row.bytes), thumb: row.thumb && !isBox(row.thumb) ? await box.wrap(row.thumb) : row.thumb };
    await box.store.write(["photos"], async (w) => {
      if (await w.get("photos", sum)) await w.put("photos", next);
    });
  }
  return 0;
}
