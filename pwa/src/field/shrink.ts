// Shrinking where there is no OffscreenCanvas (Safari before 16.4): on the page's own canvas. Slower, but the same result.
import { inWorker, limits, sameEverywhere, type ShrinkResult } from "../offline/photo";

export async function shrink(file: Blob, type: string): Promise<ShrinkResult> {
  try {
    return await inWorker(file, type);
  } catch {
    return onPage(file, type);
  }
}

async function onPage(file: Blob, type: string): Promise<ShrinkResult> {
  const url = URL.createObjectURL(file.slice(0, file.size, type));
  try {
    const img = new Image();
    img.src = url;
    await img.decode();
    const big = draw(img, img.naturalWidth, img.naturalHeight, limits.edge);
    const probe = draw(big, big.width, big.height, 24);
    if (sameEverywhere(probe.getContext("2d")!.getImageData(0, 0, probe.width, probe.height).data)) throw new Error("blank");
    return { bytes: await jpeg(big, limits.quality), thumb: await jpeg(draw(big, big.width, big.height, limits.thumb), 0.7) };
  } finally {
    URL.revokeObjectURL(url);
  }
}

function draw(from: CanvasImageSource, w: number, h: number, edge: number): HTMLCanvasElement {
  const scale = Math.min(1, edge / Math.max(w, h));
  const c = document.createElement("canvas");
  c.width = Math.max(1, Math.round(w * scale));
  c.height = Math.max(1, Math.round(h * scale));
  const g = c.getContext("2d");
  if (!g) throw new Error("no context");
  g.drawImage(from, 0, 0, c.width, c.height);
  return c;
}

const jpeg = (c: HTMLCanvasElement, quality: number): Promise<ArrayBuffer> =>
  new Promise((resolve, reject) => c.toBlob((b) => (b ? resolve(b.arrayBuffer()) : reject(new Error("no blob"))), "image/jpeg", quality));
