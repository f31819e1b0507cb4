// Pictures that this phone cannot draw go as they came: what the server would refuse for good is refused before the tick.
import { describe, expect, it } from "vitest";
import { measure } from "../../src/offline/measure";
import { hintOf, prepare } from "../../src/offline/photo";
import { storage } from "../../src/words/storage";

const text = (s: string) => [...s].map((c) => c.charCodeAt(0));
const u32 = (n: number) => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255];
const u16 = (n: number) => [n >> 8, n & 255];
const box = (kind: string, ...body: number[]) => [...u32(8 + body.length), ...text(kind), ...body];
const heic = (brand: string, w: number, h: number) => new Uint8Array([...box("ftyp", ...text(brand), 0, 0, 0, 0), ...box("meta", 0, 0, 0, 0, ...box("iprp", ...box("ipco", ...box("ispe", 0, 0, 0, 0, ...u32(512), ...u32(512)), ...box("ispe", 0, 0, 0, 0, ...u32(w), ...u32(h))))), ...box("mdat", 1, 2, 3)]);
const jpeg = (w: number, h: number) => new Uint8Array([0xff, 0xd8, 0xff, 0xe0, ...u16(4), 1, 2, 0xff, 0xc2, ...u16(11), 8, ...u16(h), ...u16(w), 1, 1, 1, 1]);
const png = (w: number, h: number, ...more: number[]) => new Uint8Array([0x89, ...text("PNG\r\n\x1a\n"), ...u32(13), ...text("IHDR"), ...u32(w), ...u32(h), 8, 6, 0, 0, 0, 0, 0, 0, 0, ...more, ...u32(0), ...text("IDAT"), 0, 0, 0, 0]);
const webp = (flags: number, w: number, h: number) => new Uint8Array([...text("RIFF"), 0, 0, 0, 0, ...text("WEBPVP8X"), 10, 0, 0, 0, flags, 0, 0, 0, (w - 1) & 255, (w - 1) >> 8, 0, (h - 1) & 255, (h - 1) >> 8, 0]);
const size = (width: number, height: number) => ({ width, height });

describe("measure", () => {
  it("finds the extent where the server looks for it", () => {
    expect(measure(heic("heic", 4032, 3024), "image/heic")).toEqual(size(4032, 3024));
    expect(measure(jpeg(8000, 6000), "image/jpeg")).toEqual(size(8000, 6000));
    expect(measure(png(300, 200), "image/png")).toEqual(size(300, 200));
    expect(measure(webp(0, 640, 480), "image/webp")).toEqual(size(640, 480));
  });
  it("knows bursts, films and halves", () => {
    for (const b of ["hevc", "hevx", "msf1"]) expect(measure(heic(b, 100, 100), "image/heic")).toBe("frames");
    expect(measure(png(10, 10, ...u32(0), ...text("acTL"), 0, 0, 0, 0), "image/png")).toBe("frames");
    expect(measure(webp(2, 10, 10), "image/webp")).toBe("frames");
    for (const [b, kind] of [[heic("heic", 1, 1).slice(0, 30), "image/heic"], [jpeg(9, 9).slice(0, 10), "image/jpeg"], [png(9, 9).slice(0, 20), "image/png"], [new Uint8Array(3), "image/webp"]] as const) expect(measure(b, kind)).toBe("broken");
  });
});

describe("before the tick", () => {
  const cannot = () => Promise.reject(new Error("not drawn here"));
  const kept = async (b: Uint8Array) => prepare(new Blob([b as BlobPart]), cannot).then((x) => x.type, (e: Error) => e.name);
  it("says in plain words what to do instead", async () => {
    expect(await kept(heic("heic", 4032, 3024))).toBe("image/heic");
    expect(await kept(heic("hevc", 4032, 3024))).toBe("BurstPhoto");
    expect(await kept(heic("msf1", 4032, 3024))).toBe("BurstPhoto");
    expect(await kept(heic("heic", 8064, 6048))).toBe("TooManyPixels");
    expect(await kept(jpeg(8000, 6000))).toBe("TooManyPixels");
    expect(await kept(jpeg(8000, 5000))).toBe("image/jpeg");
    expect(await kept(heic("heic", 4032, 3024).slice(0, 40))).toBe("BrokenPhoto");
    for (const name of ["BurstPhoto", "TooManyPixels", "BrokenPhoto"]) expect(storage({ name })).toMatch(/没有存。请.*。$/);
  });
  it("what a picture says of itself is a hint: senseless ones are none", () => {
    expect(hintOf("2026-05-06T09:30:59")).toBe("2026-05-06T01:30:59.000Z");
    for (const s of ["", "1980-01-01T00:00:00", "0000-00-00T00:00:00", "2026-13-01T00:00:00"]) expect(hintOf(s)).toBe("");
  });
});
