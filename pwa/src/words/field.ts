// The field app's sentences. An error says what happened, what was kept, and what to do next.
import type { Gap } from "../offline/draft";
import type { Item } from "../offline/outbox";
import type { Stance, Standing } from "../offline/types";

export { MATTER as matter, OVERALL as overall, SEVERITY as severity, VERDICT as verdict } from "./common";
export const stance: Record<Stance, string> = { accept: "认可记录", object: "有异议", refused: "拒绝签字" };
export const standing: Record<Standing, string> = { valid: "证件有效", expired: "证件已过期", unknown: "名录里没有", suspended: "证件已暂扣或注销" };
export const method: Record<string, string> = { accompanied: "伴随式", special: "专项监督", unannounced: "暗访", random: "随机抽查" };
export const businessKind: Record<string, string> = { company: "企业", household: "个体工商户", farm: "农户、合作社", other: "其他" };
export const usccFault = { length: "统一社会信用代码是18位，请再数一下。没有就空着。", letters: "代码里有不该出现的字符。代码不用字母I、O、S、V、Z。", check: "末位校验不对，多半是抄错了一位，请对照营业执照再看一遍。" };

/** What the sheet still needs, in the order of the page. */
export function gap(g: Gap): string {
  switch (g.kind) {
    case "unanswered": return g.codes.length > 3 ? `还有${g.codes.length}项没有作答` : `${g.codes.join("、")}没有作答`;
    case "answer": return `${g.code}${g.needs.includes("note") ? "的备注不到10个字" : ""}${g.needs.length > 1 ? "，" : ""}${g.needs.includes("photo") ? "没有照片，也没写原因" : ""}`;
    case "observation": return "有一条其他情况没有写内容";
    case "officers": return "没有登记执法人员";
    case "stop_reason": return "当场制止没有写明事由（至少5个字）";
    case "reason": return "没有写更正原因（至少5个字）";
    case "late_reason": return "封存晚于检查一天以上，没有写补录原因";
    case "overall": return "没有选总体评价";
    case "stance": return "执法人员对记录的意见没有选";
    case "objection": return "执法人员有异议，没有写异议内容";
    case "officer_signature": return "执法人员没有签名";
    case "my_signature": return "监督人员没有签名";
  }
}

export interface ItemWords { chip: "" | "held" | "doing" | "near" | "done"; state: string; line: string }

const why: Record<string, string> = {
  nobody: "没有连上服务器。有信号时自动发送。",
  slow: "信号太弱，服务器没有回应。稍后自动再试。",
  gate: "连上的网络没有通到服务器，可能要先登录那个无线网。换个网络，或者稍后自动再试。",
  busy: "服务器忙。",
  server: "服务器出了故障，没有收下。记录和照片都在本机，稍后自动再试。",
  login: "登录过期了。重新登录后自动发送，不用重写。",
  password: "要先改初始密码，改完自动发送。",
  receipt_due: "内容都到了，还在等服务器的回执。",
  refused: "服务器不让这个账号交这份记录。记录和照片都在本机，请告诉司法所。",
  not_found: "服务器上找不到这次检查，或者不在您的范围内。记录和照片都在本机，请告诉司法所。",
  conflict: "服务器上已有同一份记录，内容不一样。两份都留着，由司法所定用哪一份。",
  too_large: "内容太大，服务器没有收下。都还在本机，请存一份备份文件交给司法所。",
  invalid: "服务器没有收下这份记录。记录和照片都在本机，没有丢。",
  receipt: "服务器的回执核对不上，本机一样也没有删。请告诉县司法局。",
  photo: "有照片服务器没有收下。记录和照片都还在本机。",
  lost_photo: "有一张照片在这部手机里读不出来了。其余的已经送到，请告诉司法所。",
  lost_sheet: "这份记录在手机里读不出来了。请告诉司法所，先不要清理手机。",
};

const clock = (t: number): string => new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(t);

/** item: the state of an outbox item as shape, word and sentence. */
export function item(i: Item, now: number): ItemWords {
  const there = i.photos.filter((p) => p.state === "held").length;
  const share = i.photos.length ? `照片${i.photos.length}张到了${there}张。` : "";
  if (i.kind === "cancel") {
    if (i.state === "sent") return { chip: "done", state: "已送达", line: "这次检查已取消。" };
    if (i.state === "attention") return { chip: "near", state: "需要您处理", line: `没有取消成。${i.words || "理由还在本机。"}` };
    return { chip: i.state === "sending" ? "doing" : "held", state: i.state === "sending" ? "发送中" : "等待网络", line: `取消这次检查：${i.text}` };
  }
  switch (i.state) {
    case "sent": return { chip: "done", state: "已签收", line: "" };
    case "sending": return { chip: "doing", state: "发送中", line: i.sheet_held ? `记录已到。${share}` : "正在送记录。" };
    case "pending": return { chip: "held", state: "等待发送", line: "已封存，有信号时自动发送。" };
    case "attention": {
      const nth = i.photos.findIndex((p) => p.state === "refused") + 1;
      const which = nth && i.why !== "receipt" ? `第${nth}张照片：` : "";
      return { chip: "near", state: "需要您处理", line: [why[i.why] ?? why.invalid!, i.words && `${which}${i.words}`].filter(Boolean).join("") };
    }
    case "waiting": {
      const hand = i.why === "login" || i.why === "password";
      const next = hand || i.next_at <= now ? "" : `${clock(i.next_at)}再试${i.tries > 1 ? `，第${i.tries + 1}次` : ""}。`;
      return { chip: hand ? "near" : "held", state: hand ? "需要您处理" : "等待网络", line: `${why[i.why] ?? ""}${i.sheet_held ? share : ""}${next}` };
    }
  }
}

/** storage: what a fault of the phone's own store means and what to do. */
export function storage(e: unknown): string {
  switch ((e as { name?: string }).name) {
    case "StorageFull": return "手机存储满了，刚才这一步没有存上，之前存好的都在。请删掉一些照片、视频或不用的应用，再试一次。";
    case "NotKept": return "存进手机后读出来不一样，没有算数。请再拍一次；还不行就换一部手机。";
    case "DraftGone": return "这份记录已在另一个页面封存或放弃，这里不能再改。";
    case "PhotoTooLarge": return "这张照片超过20 MB，这部手机压不小它。请用相机直接拍，或选小一些的。";
    case "NotAPhoto": return "这个文件不是照片，没有存。请选照片。";
    case "LostPhoto": return "有一张照片在手机里读不出来，没有封存。请在那一项删掉它，再拍一张。";
    case "SheetTooLarge": return "文字太多，超过了1 MB，没有封存。请把备注和其他情况写短些。";
    default: return "手机存不进数据，刚才这一步没有存上。请不要关闭这一页，先退出别的应用再试一次；无痕模式下不能记录。";
  }
}
