/// <reference lib="webworker" />
// Reads, decodes, turns upright, shrinks, encodes. The page stays free meanwhile.
import { sameEverywhere } from "./photo";

declare const self: DedicatedWorkerGlobalScope;
interface Job { file: Blob; type: string; limits: { edge: number; quality: number; thumb: number } }

self.onmessage = (e: MessageEvent<Job>) => {
  shrink(e.data).then(
    (r) => self.postMessage(r, [r.bytes, r.thumb]),
    (err: unknown) => self.postMessage({ fault: String(err) }),
  );
};

async function shrink({ file, type, limits }: Job): Promise<{ bytes: ArrayBuffer; thumb: ArrayBuffer }> {
  const bitmap = await createImageBitmap(file.slice(0, file.size, type), { imageOrientation: "from-image" } as ImageBitmapOptions);
  try {
    const big = draw(bitmap, limits.edge);
    const probe = draw(big, 24);
    if (sameEverywhere(probe.getContext("2d")!.getImageData(0, 0, probe.width, probe.height).data)) throw new Error("blank");
    const out = await big.convertToBlob({ type: "image/jpeg", quality: limits.quality });
    const small = await draw(big, limits.thumb).convertToBlob({ type: "image/jpeg", quality: 0.7 });
    return { bytes: await out.arrayBuffer(), thumb: await small.arrayBuffer() };
  } finally {
    bitmap.close();
  }
}

function draw(from: ImageBitmap | OffscreenCanvas, edge: number): OffscreenCanvas {
  const scale = Math.min(1, edge / Math.max(from.width, from.height));
  const c = new OffscreenCanvas(Math.max(1, Math.round(from.width * scale)), Math.max(1, Math.round(from.height * scale)));
  const g = c.getContext("2d", { alpha: false });
  if (!g) throw new Error("no context");
  g.imageSmoothingQuality = "high";
  g.drawImage(from, 0, 0, c.width, c.height);
  return c;
}
