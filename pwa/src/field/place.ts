// Where a picture was taken: only on a tap, never in the background, rounded to about a hundred metres (nobody's path is
// drawn from it), with the accuracy the phone itself gives. One fix serves the pictures of the next ten minutes.
import { ref } from "vue";
import type { Place } from "../offline/types";

const fresh = 10 * 60_000;
export const fix = ref<Place | null>(null);
export const locating = ref(false);
export const canLocate = "geolocation" in navigator && isSecureContext;

const cut = (n: number): number => Math.round(n * 1000) / 1000;

/** locate asks once and answers "" or what went wrong, in words. */
export function locate(): Promise<string> {
  locating.value = true;
  return new Promise((resolve) => {
    const end = (word: string) => {
      locating.value = false;
      resolve(word);
    };
    navigator.geolocation.getCurrentPosition(
      (p) => {
        const { latitude, longitude, accuracy } = p.coords;
        // The interface promises WGS-84. Some phones give shifted coordinates all the same: the desk shows the raw value with its datum.
        fix.value = { lat: cut(latitude), lng: cut(longitude), accuracy: Math.max(100, Math.round(accuracy)), datum: "wgs84", at: new Date(p.timestamp).toISOString() };
        end("");
      },
      (e) => end(e.code === 1 ? "手机没有允许定位。不记位置也能拍照、也能封存。" : "没有定到位置，到开阔处再试。不记位置也能封存。"),
      { timeout: 20_000, maximumAge: 60_000, enableHighAccuracy: true },
    );
  });
}

/** placeNow is the fix a picture taken now may carry; null when there is none or it is old. */
export function placeNow(now: Date): Place | null {
  const p = fix.value;
  return p && Math.abs(now.getTime() - Date.parse(p.at)) < fresh ? { ...p } : null;
}

const datums: Record<string, string> = { wgs84: "WGS-84坐标", gcj02: "GCJ-02坐标", unknown: "坐标系不明" };
/** 34.746，113.625 误差约120米（WGS-84坐标） */
export const placeWords = (p: Place): string => `${p.lat.toFixed(3)}，${p.lng.toFixed(3)} 误差约${Math.round(p.accuracy)}米（${datums[p.datum] ?? p.datum}）`;
