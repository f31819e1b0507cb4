// What a picture is that this phone cannot draw: a single one, whole, and of how many pixels. The server looks in the same
// places (internal/evidence/media.go, heif.go) and refuses for good what is not so.

/** Width and height; "frames": more than one picture; "broken": they cannot be found. */
export type Measured = { width: number; height: number } | "frames" | "broken";

export const maxPixels = 40_000_000;
/** As far into a file as the server looks. */
export const measured = 4 << 20;

export function measure(bytes: Uint8Array, kind: string): Measured {
  const v = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    switch (kind) {
      case "image/jpeg": return jpeg(v);
      case "image/png": return png(v);
      case "image/webp": return webp(v);
      default: return heif(v);
    }
  } catch {
    return "broken"; // beyond the end
  }
}

const word = (v: DataView, at: number): string => String.fromCharCode(v.getUint8(at), v.getUint8(at + 1), v.getUint8(at + 2), v.getUint8(at + 3));

function jpeg(v: DataView): Measured {
  for (let at = 2; ; ) {
    if (v.getUint8(at) !== 0xff) return "broken";
    const mark = v.getUint8(at + 1);
    if (mark === 0xff) {
      at++;
      continue;
    }
    if (mark >= 0xd0 && mark <= 0xd7) {
      at += 2;
      continue;
    }
    if (mark === 0xd9 || mark === 0xda) return "broken"; // the picture itself, before anybody said how large
    if (mark >= 0xc0 && mark <= 0xc2) return { width: v.getUint16(at + 7), height: v.getUint16(at + 5) };
    at += 2 + v.getUint16(at + 2);
  }
}

function png(v: DataView): Measured {
  if (word(v, 12) !== "IHDR" || v.getUint32(8) !== 13) return "broken";
  for (let at = 8; ; at += 12 + v.getUint32(at)) {
    const kind = word(v, at + 4);
    if (kind === "acTL") return "frames";
    if (kind === "IDAT") return { width: v.getUint32(16), height: v.getUint32(20) };
  }
}

function webp(v: DataView): Measured {
  switch (word(v, 12)) {
    case "VP8X":
      if (v.getUint8(20) & 2) return "frames";
      return { width: 1 + v.getUint16(24, true) + (v.getUint8(26) << 16), height: 1 + v.getUint16(27, true) + (v.getUint8(29) << 16) };
    case "VP8L": {
      const bits = v.getUint32(21, true);
      return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
    }
    case "VP8 ": return { width: v.getUint16(26, true) & 0x3fff, height: v.getUint16(28, true) & 0x3fff };
    default: return "broken";
  }
}

interface Box { kind: string; from: number; to: number }
/** boxes of a HEIF file, one inside the other; a size of 1 means that it stands in the eight bytes that follow. */
function* boxes(v: DataView, from: number, to: number): Generator<Box> {
  for (let at = from; at + 8 <= Math.min(to, v.byteLength); ) {
    const short = v.getUint32(at);
    const head = short === 1 ? 16 : 8;
    const size = short === 1 ? v.getUint32(at + 8) * 2 ** 32 + v.getUint32(at + 12) : short;
    if (size < head) return;
    yield { kind: word(v, at + 4), from: at + head, to: at + size };
    at += size;
  }
}
const find = (v: DataView, kind: string, from: number, to: number): Box | undefined => {
  for (const b of boxes(v, from, to)) if (b.kind === kind) return b;
  return undefined;
};

function heif(v: DataView): Measured {
  if (word(v, 4) !== "ftyp") return "broken";
  const brand = word(v, 8);
  if (["hevc", "hevx", "msf1"].includes(brand)) return "frames";
  const meta = find(v, "meta", 0, v.byteLength);
  const iprp = meta && find(v, "iprp", meta.from + 4, meta.to);
  const ipco = iprp && find(v, "ipco", iprp.from, iprp.to);
  let most = { width: 0, height: 0 };
  if (ipco)
    for (const b of boxes(v, ipco.from, ipco.to)) {
      if (b.kind !== "ispe") continue;
      const one = { width: v.getUint32(b.from + 4), height: v.getUint32(b.from + 8) };
      if (one.width * one.height > most.width * most.height) most = one;
    }
  return most.width ? most : "broken";
}
