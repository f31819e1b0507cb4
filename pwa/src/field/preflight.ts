// 出发前检查: what must be right before leaving for a place without signal, each with its remedy.
import { ref } from "vue";
import { NotKept } from "../offline/db";
import { sha256 } from "../offline/ids";
import { store } from "./shelf";
import { contact, deviceReady, freshen, heard, needLogin, pack, packAt, skew, ticketsLeft, ticketsWhy } from "./state";
import { home, offlineReady, lookForUpdate } from "./update";
import { day as dayOf, monthDay, soonOrDay } from "./when";

/** `act`: what one tap here can do about it. */
export interface Check { key: string; ok: boolean; name: string; value: string; remedy: string; act?: "update" | "install" | "login" }
export const checks = ref<Check[]>([]);
export const checking = ref(false);
export const updating = ref("");

/** look goes through all checks; each is bounded, none throws. */
export async function look(): Promise<void> {
  if (checking.value) return;
  checking.value = true;
  try {
    // What takes time comes first: codes and lists that arrive meanwhile are then read as they are, and not as they were.
    const tried = [await persisted(), await space(), await roundTrip()];
    checks.value = [lists(), tickets(), login(), offline(), installed(), ...tried, clock()];
  } finally {
    checking.value = false;
  }
}

/** updateAll does everything one tap can: contact, lists, tickets, storage asked for, the app's own files; then looks again. */
export async function updateAll(): Promise<void> {
  if (updating.value) return;
  try {
    updating.value = "正在连服务器";
    await contact("tap");
    updating.value = "正在更新名录和二维码";
    await freshen();
    updating.value = "正在核对应用";
    await lookForUpdate();
    await look();
    updating.value = heard.value === false ? "没有连上服务器，没有更新成。有信号时再点。" : "";
  } finally {
    if (updating.value.startsWith("正在")) updating.value = "";
  }
}

function lists(): Check {
  const c = { key: "lists", name: "名录和检查表" };
  if (!pack.value) return { ...c, ok: false, value: "还没有", remedy: "没有它不能开始记录。连上网后点“全部更新”。", act: "update" };
  const today = dayOf(Date.now());
  const n = pack.value.visits.filter((v) => v.state === "planned" && v.planned_on === today).length;
  const fresh = dayOf(packAt.value) === today;
  return { ...c, ok: fresh, value: `${fresh ? soonOrDay(packAt.value) : monthDay(packAt.value)}的版本${n ? `，今天${n}次检查` : ""}`, remedy: "可能缺新排的检查、新开的店。旧的照样能用。", act: "update" };
}

function tickets(): Check {
  const n = ticketsLeft.value;
  return { key: "tickets", ok: n >= 3, name: "评价二维码", value: `还有${n}个`, remedy: ticketsWhy.value ? `服务器没有给新的：${ticketsWhy.value}请司法所在工作台的“手机”里，把不用了的旧手机挂失，旧手机里的码就作废。` : n ? "快用完了，没有网络时拿不到新的。" : "没有网络时拿不到新的。", act: "update" };
}

function login(): Check {
  const c = { key: "login", name: "登录和发送凭证" };
  if (needLogin.value) return { ...c, ok: false, value: deviceReady.value ? "登录过期了" : "要重新登录", remedy: deviceReady.value ? "写好的照样能送出；要看名录更新、领二维码，请先登录。" : "不登录，写好的记录送不出去。", act: "login" };
  return { ...c, ok: deviceReady.value, value: deviceReady.value ? "登录过期也能送出" : "还没有发送凭证", remedy: "有了它，一周不连网、登录过期了，记录也能送出。", act: "update" };
}

function offline(): Check {
  const c = { key: "home", name: "没有网络时能打开" };
  if (!isSecureContext || !("serviceWorker" in navigator))
    return { ...c, ok: false, value: "不能", remedy: "这个浏览器不支持。请用手机自带的浏览器打开（不要在微信里），网址要以https开头。" };
  if (!offlineReady.value) return { ...c, ok: false, value: "还没存好", remedy: "请连着网，把这一页再打开一次。" };
  return { ...c, ok: true, value: "已存好", remedy: "" };
}

function installed(): Check {
  const ok = home.installed();
  const ios = /iphone|ipad/i.test(navigator.userAgent);
  return { key: "install", ok, name: "装到主屏幕", value: ok ? "已装" : "还没装", act: home.offered.value ? "install" : undefined,
    remedy: ios ? "点浏览器下方的分享，再点“添加到主屏幕”，以后从那里打开。不装，七天不用可能被清理。" : "在浏览器菜单里点“添加到主屏幕”或“安装应用”，以后从那里打开，手机不容易清理它。" };
}

async function persisted(): Promise<Check> {
  const c = { key: "persist", name: "本机存储不会被清理" };
  const s = navigator.storage as StorageManager | undefined;
  const ok = !!(await Promise.resolve(s?.persisted?.()).catch(() => false)) || !!(await Promise.resolve(s?.persist?.()).catch(() => false));
  return { ...c, ok, value: ok ? "已获准" : "没有保证", remedy: "浏览器没有答应。请装到主屏幕再试；在这之前，当天的记录当天送出。" };
}

async function space(): Promise<Check> {
  const e = await Promise.resolve((navigator.storage as StorageManager | undefined)?.estimate?.()).catch(() => undefined);
  if (!e?.quota) return { key: "space", ok: true, name: "剩余空间", value: "这个浏览器不说", remedy: "" };
  const shots = Math.floor((e.quota - (e.usage ?? 0)) / (1 << 20));
  return { key: "space", ok: shots >= 50, name: "剩余空间", value: `约${shots > 2000 ? "2000多" : shots}张照片`, remedy: "请删掉一些照片、视频或不用的应用，留够50张的空间。" };
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
  const said = sec < 120 ? `${sec}秒` : sec < 7200 ? `${Math.round(sec / 60)}分钟` : sec < 172_800 ? `${Math.round(sec / 3600)}小时` : `${Math.round(sec / 86_400)}天`;
  return { key: "clock", ok: sec < 120, name: "手机时钟", value: `与服务器差${said}`, remedy: "请在手机设置里打开“自动设置时间”。记录里写的是手机的时间，期限按服务器收到的时间算。" };
}
