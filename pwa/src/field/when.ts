// Days and times as they are said on the phone, always in Shanghai.
const zone = "Asia/Shanghai";
const f = (o: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat("zh-CN", { timeZone: zone, ...o });
const iso = new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" });

/** 2026-05-06 */
export const day = (t: Date | string | number): string => iso.format(new Date(t));
/** 5月6日 */
export const monthDay = (t: Date | string | number): string => {
  const [, m, d] = day(t).split("-");
  return `${Number(m)}月${Number(d)}日`;
};
/** 2026年5月6日 */
export const fullDay = (t: Date | string | number): string => `${day(t).slice(0, 4)}年${monthDay(t)}`;
/** 星期三 */
export const weekday = (t: Date | string | number): string => f({ weekday: "long" }).format(new Date(t));
/** 09:41 */
export const clock = (t: Date | string | number): string => f({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(new Date(t));
/** 17:26:08 */
export const clockSec = (t: Date | string | number): string => f({ hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }).format(new Date(t));
/** 09:41 today, 5月4日 17:26 otherwise. */
export const soonOrDay = (t: Date | string | number, now = Date.now()): string => (day(t) === day(now) ? clock(t) : `${monthDay(t)} ${clock(t)}`);
/** 2.4 MB */
export const bytes = (n: number): string => (n >= 1 << 20 ? `${(n / (1 << 20)).toFixed(1)} MB` : `${Math.max(1, Math.round(n / 1024))} KB`);
