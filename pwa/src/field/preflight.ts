// 出发前检查: what must be right before leaving for a place without signal, each with its remedy.
import { ref } from "vue";
import { NotKept } from "../offline/db";
import { sha256 } from "../offline/ids";
import { pack, packAt, skew, store, ticketsLeft } from "./state";
import { offlineReady } from "./update";
import { monthDay } from "./when";

export interface Check { key: string; ok: boolean; name: string; value: string; remedy: string }
export const checks = ref<Check[]>([]);
export const checking = ref(false);

/** look goes through all checks; each is bounded, none throws. */
export async function look(): Promise<void> {
  if (checking.value) return;
  checking.value = true;
  try {
    checks.value = [lists(), tickets(), installed(), await persisted(), await space(), await roundTrip(), clock()];
  } finally {
    checking.value = false;
  }
}

const day = 24 * 3600_000;
function lists(): Check {
  const age = packAt.value ? Date.now() - Date.parse(packAt.value) : Infinity;
  const ok = !!pack.value && age < 7 * day;
  const value = packAt.value ? `${monthDay(packAt.value)}的版本` : "还没有";
  return { key: "lists", ok, name: "检查表和单位名录", value, remedy: pack.value ? "名录可能缺新开的店。连上网后点“更新”。" : "没有它不能开始记录。连上网后点“更新”。" };
}

function tickets(): Check {
  const n = ticketsLeft.value;
  return { key: "tickets", ok: n > 0, name: "评价二维码", value: `还有${n}个`, remedy: "没有网络时拿不到新的。连上网后点“更新”。" };
}

function installed(): Check {
  const home = matchMedia("(display-mode: standalone)").matches || (navigator as { standalone?: boolean }).standalone === true;
  if (!isSecureContext || !("serviceWorker" in navigator))
    return { key: "home", ok: false, name: "没有网络时能打开", value: "不能", remedy: "这个浏览器不支持。请用手机自带的浏览器打开（不要在微信里），网址要以https开头。" };
  if (!offlineReady.value) return { key: "home", ok: false, name: "没有网络时能打开", value: "还没存好", remedy: "请连着网，把这一页再打开一次。" };
  return { key: "home", ok: true, name: home ? "已装到主屏幕" : "没有网络时能打开", value: home ? "" : "已存好", remedy: "" };
}

async function persisted(): Promise<Check> {
  const c = { key: "persist", name: "本机存储不会被清理" };
  const s = navigator.storage as StorageManager | undefined;
  const ok = !!(await Promise.resolve(s?.persisted?.()).catch(() => false)) || !!(await Promise.resolve(s?.persist?.()).catch(() => false));
  return { ...c, ok, value: ok ? "已获准" : "没有保证", remedy: "请把随行添加到手机主屏幕，从那里打开；当天记录当天送出。" };
}

async function space(): Promise<Check> {
  const e = await Promise.resolve((navigator.storage as StorageManager | undefined)?.estimate?.()).catch(() => undefined);
  if (!e?.quota) return { key: "space", ok: true, name: "剩余空间", value: "这个浏览器不说", remedy: "" };
  const shots = Math.floor((e.quota - (e.usage ?? 0)) / (1 << 20));
  return { key: "space", ok: shots >= 50, name: "剩余空间", value: `约${shots > 2000 ? "2000多" : shots}张照片`, remedy: "请删掉一些照片、视频或不用的应用。" };
}

async function roundTrip(): Promise<Check> {
  const c = { key: "store", name: "存取试验" };
  try {
    const bytes = crypto.getRandomValues(new Uint8Array(64 << 10)).buffer;
    const sum = await sha256(bytes);
    await store.setKv("trial", bytes);
    const back = await store.kv<ArrayBuffer>("trial");
    await store.drop("kv", "trial");
    if (!back || (await sha256(back)) !== sum) throw new NotKept("trial");
    return { ...c, ok: true, value: "写入读回一致", remedy: "" };
  } catch {
    return { ...c, ok: false, value: "没有通过", remedy: "这部手机现在存不住记录。请关掉无痕模式，腾出空间，再试；还不行就用纸质表。" };
  }
}

function clock(): Check {
  const s = skew.value;
  if (!s) return { key: "clock", ok: true, name: "手机时钟", value: "还没比对", remedy: "" };
  const sec = Math.abs(Math.round(s.ms / 1000));
  const said = sec < 120 ? `${sec}秒` : sec < 7200 ? `${Math.round(sec / 60)}分钟` : `${Math.round(sec / 3600)}小时`;
  return { key: "clock", ok: sec < 120, name: "手机时钟", value: `与服务器差${said}`, remedy: "请在手机设置里打开“自动设置时间”。记录里写的是手机的时间。" };
}
