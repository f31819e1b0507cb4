// Words about the backup file.
import type { Broken, Imported } from "../offline/rescue";
import { storage } from "./field";

export function rescueFault(e: unknown): string {
  switch ((e as { name?: string }).name) {
    case "ForeignFile": return "这个文件不是随行的备份文件，或者没有传完整。什么也没有变。请重新传一次再选。";
    case "NotSealed": return "手机里还没有服务器的封存密钥，现在存出去的文件别人打得开，所以没有存。请连上网点“全部更新”，再来存。";
    default: return storage(e);
  }
}

const why: Record<Broken["why"], string> = { torn: "没有传完整", changed: "内容变了", incomplete: "文件里没有" };

/** What an import brought, line by line. */
export function imported(r: Imported): string[] {
  const sheets = r.broken.filter((b) => b.kind === "sheet");
  const photos = r.broken.filter((b) => b.kind === "photo");
  return [
    r.added.length ? `取回了${r.added.length}份记录，已放进“待发送”，有信号时自动送出。` : "",
    r.already.length ? `${r.already.length}份这部手机里已经有，没有重复放。` : "",
    sheets.length ? `${sheets.length}份记录取不回来（${why[sheets[0]!.why]}）。原来的手机如果还在，请从那里再存一次。` : "",
    photos.length ? `${photos.length}张照片取不回来（${why[photos[0]!.why]}），其余的照样送出。` : "",
    !r.added.length && !r.already.length && !r.broken.length ? "文件里没有记录。" : "",
  ].filter(Boolean);
}
