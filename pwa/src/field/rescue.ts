// A backup of one sealed sheet as a file: the exact bytes of the record and of its photos, for the case that they
// cannot be sent. The office can be handed the file; nothing is removed from the phone.
import type { Item } from "../offline/outbox";
import { store } from "./state";

const base64 = (b: ArrayBuffer): string => {
  const v = new Uint8Array(b);
  let s = "";
  for (let i = 0; i < v.length; i += 0x8000) s += String.fromCharCode(...v.subarray(i, i + 0x8000));
  return btoa(s);
};

export async function rescue(item: Item): Promise<void> {
  const sealed = await store.get("sealed", item.id);
  const photos = [];
  for (const p of item.photos) {
    const row = await store.get("photos", p.sha256);
    photos.push({ sha256: p.sha256, type: p.type, bytes: row ? base64(row.bytes) : null });
  }
  const file = { v: 1, id: item.id, digest: item.digest, sheet: sealed ? base64(sealed.bytes) : null, photos };
  const url = URL.createObjectURL(new Blob([JSON.stringify(file)], { type: "application/json" }));
  const a = document.createElement("a");
  a.href = url;
  a.download = `suixing-${item.id}.json`;
  a.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
