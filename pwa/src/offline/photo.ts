// Photos: read and shrunk away from the page's own thread, then kept as bytes. What cannot be decoded here is kept as it came:
// the server can convert it, and a picture that could not be shrunk is still evidence.

import { maxPixels, measure, measured } from "./measure";

export type Kind = "image/jpeg" | "image/png" | "image/webp" | "image/heic" | "";

export interface Prepared { bytes: ArrayBuffer; thumb: ArrayBuffer | null; type: string; original: boolean; taken_hint: string }
export interface ShrinkResult { bytes: ArrayBuffer; thumb: ArrayBuffer }
export type Shrink = (file: Blob, type: string) => Promise<ShrinkResult>;

export const limits = { edge: 2560, quality: 0.82, thumb: 320, most: 20 << 20 };

export class PhotoTooLarge extends Error {
  override name = "PhotoTooLarge";
}
/** A burst, a film, an animation: the server takes single pictures only. */
export class BurstPhoto extends Error {
  override name = "BurstPhoto";
}
/** More pixels than the server takes, in a picture that this phone cannot make smaller. */
export class TooManyPixels extends Error {
  override name = "TooManyPixels";
}
export class BrokenPhoto extends Error {
  override name = "BrokenPhoto";
}
export class NotAPhoto extends Error {
  override name = "NotAPhoto";
}

/** kindOf reads the type from the bytes; the name and the browser's word for it are not asked. */
export function kindOf(b: Uint8Array): Kind {
  const at = (i: number, s: string) => [...s].every((c, k) => b[i + k] === c.charCodeAt(0));
  if (b[0] === 0xff && b[1] === 0xd8 && b[2] === 0xff) return "image/jpeg";
  if (b[0] === 0x89 && at(1, "PNG")) return "image/png";
  if (at(0, "RIFF") && at(8, "WEBP")) return "image/webp";
  if (at(4, "ftyp") && ["heic", "heix", "heim", "heis", "mif1", "hevc", "hevx", "msf1"].some((x) => at(8, x))) return "image/heic";
  return "";
}

/** exifTime reads DateTimeOriginal out of a JPEG, as ISO without zone ("2026-05-06T09:31:00"); "" when there is none. */
export function exifTime(b: Uint8Array): string {
  const head = new TextDecoder("latin1").decode(b.subarray(0, headSize));
  if (!head.includes("Exif\0\0")) return "";
  const all = [...head.matchAll(/(\d{4}):(\d{2}):(\d{2}) (\d{2}):(\d{2}):(\d{2})\0/g)].map((m) => `${m[1]}-${m[2]}-${m[3]}T${m[4]}:${m[5]}:${m[6]}`);
  // DateTime may be that of an edit; the earliest of the stamps is when the picture was taken.
  return all.filter((t) => !Number.isNaN(Date.parse(t + "Z"))).sort()[0] ?? "";
}

/** hintOf: the picture's own time as a time of the zone that the county lives in; "" when it makes no sense. */
export function hintOf(local: string): string {
  const t = new Date(`${local}+08:00`);
  return local && !Number.isNaN(t.getTime()) && t.getUTCFullYear() >= 1990 && t.getUTCFullYear() < 2100 ? t.toISOString() : "";
}

let turn: Promise<unknown> = Promise.resolve();

/** prepare shrinks one picture. One at a time: two 12-megapixel pictures in memory kill an old phone. */
export function prepare(original: Blob, shrink: Shrink): Promise<Prepared> {
  const mine = turn.then(() => one(original, shrink));
  turn = mine.catch(() => undefined);
  return mine;
}

/** Where the type stands, and the time: the page reads no more of a picture than this. */
const headSize = 128 << 10;

async function one(original: Blob, shrink: Shrink): Promise<Prepared> {
  const view = new Uint8Array(await original.slice(0, headSize).arrayBuffer());
  const kind = kindOf(view);
  if (!kind) throw new NotAPhoto("not a photo");
  const taken_hint = kind === "image/jpeg" ? exifTime(view) : "";
  try {
    const small = await shrink(original, kind);
    if (kindOf(new Uint8Array(small.bytes)) === "image/jpeg") return { ...small, type: "image/jpeg", original: false, taken_hint };
  } catch {
    // HEIC on Chrome, more pixels than the phone can draw, a blank canvas: keep what came.
  }
  if (original.size > limits.most) throw new PhotoTooLarge("photo too large");
  // It goes as it came: what the server would refuse for good is refused now, while another can be taken.
  await fit(original, kind);
  return { bytes: await original.arrayBuffer(), thumb: null, type: kind, original: true, taken_hint };
}

/** fit refuses what the server would refuse: bursts and films, too many pixels, half a file. */
async function fit(original: Blob, kind: Kind): Promise<void> {
  const m = measure(new Uint8Array(await original.slice(0, measured).arrayBuffer()), kind);
  if (m === "frames") throw new BurstPhoto("more than one picture");
  if (m === "broken" || m.width < 1 || m.height < 1) throw new BrokenPhoto("no picture in it");
  if (m.width * m.height > maxPixels) throw new TooManyPixels("too many pixels");
}

/** inWorker shrinks in a worker where there is an OffscreenCanvas; rejects where there is none. */
export function inWorker(file: Blob, type: string): Promise<ShrinkResult> {
  if (typeof Worker === "undefined" || typeof OffscreenCanvas === "undefined") return Promise.reject(new Error("no worker canvas"));
  return new Promise((resolve, reject) => {
    const w = new Worker(new URL("./photo.worker.ts", import.meta.url));
    const end = (f: () => void) => {
      clearTimeout(timer);
      w.terminate();
      f();
    };
    const timer = setTimeout(() => end(() => reject(new Error("worker too slow"))), 30_000);
    w.onerror = () => end(() => reject(new Error("worker failed")));
    w.onmessage = (e: MessageEvent<ShrinkResult | { fault: string }>) => {
      const data = e.data;
      end(() => ("fault" in data ? reject(new Error(data.fault)) : resolve(data)));
    };
    w.postMessage({ file, type, limits }); // a file is handed over by name: its bytes never pass through the page
  });
}

/** sameEverywhere: are these pixels one single colour? A canvas that ran out of memory is, a photo is not. */
export function sameEverywhere(rgba: Uint8ClampedArray): boolean {
  for (let i = 4; i < rgba.length; i += 4) for (let k = 0; k < 4; k++) if (rgba[i + k] !== rgba[k]) return false;
  return true;
}
