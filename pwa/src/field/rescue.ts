// A backup file of what was not received: saved on the phone, or handed to another app where the phone can. Nothing in it
// can be read without the server's key, and nothing is removed from the phone.
import type { Item } from "../offline/outbox";
import { exportRescue, importRescue, type Imported } from "../offline/rescue";
import { rescueFault } from "../words/rescue";
import { reload, store } from "./shelf";
import { me, tell } from "./state";

/** keepCopy makes the file and gives it to the person; it answers what became of it, in words. */
export async function keepCopy(of: readonly Item[], how: "save" | "share" = "save"): Promise<string> {
  try {
    const device = me.value ? await store.kv<{ id: string }>(`device:${me.value.id}`) : undefined;
    const f = await exportRescue(store, of.map((i) => i.id), { device_id: device?.id ?? "", app_version: __APP_VERSION__, now: new Date() });
    const file = new File(f.parts, f.name, { type: "application/octet-stream" });
    const lost = f.lost.length ? `有${f.lost.length}张照片已经不在这部手机里，文件里没有。` : "";
    if (how === "share" && !(await share(file))) return "没有发出去。什么也没有变。";
    if (how === "save") save(file);
    return `${how === "share" ? "发出去了" : "存在手机的下载里了"}：${f.name}。里面的内容加了密，只有服务器打得开。${lost}手机里的一份也没有删。`;
  } catch (e) {
    return rescueFault(e);
  }
}

type Sharing = Navigator & { canShare?: (d: ShareData) => boolean };
/** canShare: can this phone hand a file to another app? */
export const canShare = ((): boolean => {
  try {
    return !!(navigator as Sharing).canShare?.({ files: [new File(["x"], "x.sxr", { type: "application/octet-stream" })] });
  } catch {
    return false;
  }
})();

async function share(file: File): Promise<boolean> {
  try {
    await navigator.share({ files: [file], title: file.name });
    return true;
  } catch {
    return false;
  }
}

/** save puts a file among the phone's downloads. */
export function save(file: File): void {
  const url = URL.createObjectURL(file);
  const a = document.createElement("a");
  a.href = url;
  a.download = file.name;
  a.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** takeBack reads a backup file into the outbox, part by part: a week of photos does not fit into an old phone's memory. Twice the same file is once. */
export async function takeBack(file: File): Promise<Imported> {
  const out = await importRescue(store, file, new Date());
  await reload();
  tell();
  return out;
}
