// The field app's sentences. An error says what happened, what was kept, and what to do next.
import type { Gap } from "../offline/gaps";
import type { Item } from "../offline/outbox";
import type { Stance, Standing, Verdict } from "../offline/types";
import type { Point } from "../field/points";
import { VERDICT } from "./common";

export { MATTER as matter, OVERALL as overall, SEVERITY as severity, VERDICT as verdict } from "./common";
export { storage } from "./storage";
export const stance: Record<Stance, string> = { accept: "认可记录", object: "有异议", refused: "拒绝签字" };
export const standing: Record<Standing, string> = { valid: "证件有效", expired: "证件已过期", unknown: "名录里没有", suspended: "证件已暂扣或注销" };
export const method: Record<string, string> = { accompanied: "伴随式", special: "专项监督", unannounced: "暗访", random: "随机抽查" };
export const businessKind: Record<string, string> = { company: "企业", household: "个体工商户", farm: "农户、合作社", other: "其他" };
export const usccFault = { length: "统一社会信用代码是18位，请再数一下。没有就空着。", letters: "代码里有不该出现的字符。代码不用字母I、O、S、V、Z。", check: "末位校验不对，多半是抄错了一位，请对照营业执照再看一遍。" };

const places: [RegExp, string][] = [
  [/^helpers/, "协助人员人数"], [/^answers/, "检查项"], [/^observations/, "其他情况"], [/^officers/, "执法人员"], [/^officer_sign\.text/, "异议内容"], [/^officer_sign/, "执法人员签字"], [/^supervisor_signs/, "监督人员签字"],
  [/^visit\.business\.uscc/, ""], [/^visit\.business/, "被检查对象"], [/^visit\.notice/, "检查通知书文号"], [/^visit\.external/, "外部编号"], [/^visit\.supervisor/, "监督人员"], [/^visit\.matter/, "检查事项"], [/^visit\.agency/, "执法单位"],
  [/^opinion/, "现场意见"], [/^photos/, "照片"], [/^stop/, "当场制止的事由"], [/^late_reason/, "补录原因"], [/^reason/, "更正原因"], [/^place/, "定位"], [/^overall/, "总体评价"],
];
/** place: where on the page a rule is broken. */
const place = (field: string): string => {
  const said = places.find(([at]) => at.test(field))?.[1];
  return said ? `“${said}”` : "";
};

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
    case "too_much": return "照片、其他情况或执法人员太多：一处最多30张照片，全份最多200张、50条、20人";
    case "clash": return "有两个页面写得不一样的地方，还没有选";
    case "stance": return "执法人员对记录的意见没有选";
    case "objection": return "执法人员有异议，没有写异议内容";
    case "officer_signature": return "执法人员没有签名";
    case "my_signature": return "监督人员没有签名";
    case "rule": return `${place(g.field)}${g.words}`;
  }
}

/** `remedy`: what the person can do; empty where nothing has to be done. */
export interface ItemWords { chip: "" | "held" | "doing" | "near" | "done"; state: string; line: string; remedy: string }

/** Why an item is where it is: what happened, and what was kept. */
const why: Record<string, string> = {
  nobody: "没有连上服务器。有信号时自动发送。",
  slow: "信号太弱，服务器没有回应。稍后自动再试。",
  gate: "连上的网络没有通到服务器，可能要先登录那个无线网。记录和照片都在本机，稍后自动再试。",
  busy: "服务器忙，没有收下。稍后自动再试。",
  server: "服务器出了故障，没有收下。记录和照片都在本机，稍后自动再试。",
  order: "要等这次检查更早的那份记录先到，到了就自动送这一份。",
  login: "登录过期了。重新登录后自动发送，不用重写。",
  password: "要先改初始密码，或者绑定动态验证码，办完自动发送。",
  device_revoked: "这部手机已挂失或停用，不能用它的凭证发送。本人重新登录后自动发送。",
  locked: "要先输入开锁密码，打开后自动发送。",
  receipt_due: "内容都到了，还在等服务器的回执。",
  held_for_office: "已交到司法所，由司法所核实是不是您本人交的。核实前没有回执，本机一样也不删。",
  held_refused: "司法所没有收这份记录。记录和照片都在本机。",
  held_invalid: "服务器留下了这份记录，可是有不合规则的地方，由司法所定收不收。定之前没有回执，本机一样也不删。",
  corrected: "已由后来的更正代替，服务器留有底稿。",
  settled: "同一份记录有两个版本，司法所已定用另一份。这一份还在本机，没有删。",
  conflict: "服务器上已有同一份记录，内容不一样。两份都留着，由司法所定用哪一份。",
  seal_key: "这份记录是按旧的密钥封存的，服务器现在打不开。记录和照片都在本机，没有丢。",
  sealed: "送到的内容和封存时不一样，服务器没有收下。本机的原件是好的。",
  refused: "服务器不让这个账号交这份记录。记录和照片都在本机。",
  not_found: "服务器上找不到这次检查，或者不在您的范围内。记录和照片都在本机。",
  too_large: "内容太大，服务器没有收下。都还在本机。",
  invalid: "服务器没有收下这份记录。记录和照片都在本机，没有丢。",
  receipt: "服务器的回执核对不上，本机一样也没有删。",
  photo: "有照片服务器没有收下。记录和照片都还在本机。",
  lost_photo: "有一张照片在这部手机里读不出来了。其余的已经送到。",
  lost_sheet: "这份记录在手机里读不出来了。先不要清理手机。",
  phone: "手机这一次没有读出这份内容。稍后自动再试。",
};

/** What the person can do about it. */
const remedy: Record<string, string> = {
  held_refused: "请点“写一份更正”，照司法所说的改好再封存；或者先存一份备份文件，问司法所。",
  held_invalid: "可以等司法所定，也可以现在点“写一份更正”，改好再封存，就不用等了。",
  corrected: "不用再发。更正有了回执以后，这一份可以丢弃。",
  settled: "不用再发。存一份备份文件留底后，可以从手机里丢弃。",
  seal_key: "请告诉县司法局“封存密钥对不上”，再存一份备份文件交给他们。",
  sealed: "请换个网络，点“马上再试”。还不行，存一份备份文件交给司法所。",
  refused: "请告诉司法所，再存一份备份文件交给他们，由司法所在电脑上收下。",
  not_found: "请告诉司法所核对这次检查，再点“马上再试”；或者存一份备份文件交给司法所，在电脑上收下。",
  conflict: "不用您处理，司法所定了以后这里会变。",
  too_large: "请存一份备份文件交给司法所。",
  invalid: "请存一份备份文件交给司法所，由司法所在电脑上收下。",
  receipt: "请告诉县司法局，不要丢弃这份记录。",
  photo: "这张照片再发也一样。请点“写一份更正”，换一张能用的，或者写明为什么没有照片。",
  lost_photo: "请点“写一份更正”，补拍一张，或者写明为什么没有照片。",
  lost_sheet: "请马上告诉司法所，把手机带去。",
  phone: "请把手机重新开机，再点“马上再试”。还不行，把手机带到司法所。",
};

const clock = (t: number): string => new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(t);

/** The network is there; it is the server that has not taken it. */
const atServer: ReadonlySet<string> = new Set(["receipt_due", "order", "busy", "server", "sealed"]);

/** shots: how many of the pictures are there, n of m. */
export const shots = (i: Item): { there: number; all: number } => ({ there: i.photos.filter((p) => p.state === "held").length, all: i.photos.length });

/** title: a locked phone says what lies there, not whose it is. */
export function title(i: Pick<Item, "title" | "photos" | "kind">): string {
  const n = i.photos.filter((p) => p.type !== "image/png").length; // signatures are the only PNGs
  return i.title || (i.kind === "cancel" ? "取消一次检查" : `一份记录${n ? ` · ${n}张照片` : ""}`);
}

/** item: the state of an outbox item as shape, word and sentence. */
export function item(i: Item, now: number): ItemWords {
  const s = shots(i);
  const share = s.all && i.sheet_held ? `记录已到，照片和签名${s.all}张到了${s.there}张。` : "";
  const one = (chip: ItemWords["chip"], state: string, line: string, fix = ""): ItemWords => ({ chip, state, line, remedy: fix });
  const said = why[i.why] ?? why.invalid!;
  if (i.kind === "cancel") {
    if (i.state === "sent") return one("done", "已收妥", "这次检查已取消。");
    if (i.state === "held") return one("held", "已交司法所核实", said);
    if (i.state === "attention") return one("near", "需要处理", `没有取消成。${i.words || (i.why === "lost_sheet" ? "理由在手机里读不出来了。" : "理由还在本机。")}`, "请告诉司法所，或者丢弃这条取消。");
    return one(i.state === "sending" ? "doing" : "held", i.state === "sending" ? "正在发送" : i.why === "login" || i.why === "locked" ? "等登录" : "等网络", i.text ? `取消这次检查：${i.text}` : "取消这次检查，有信号时告诉司法所。");
  }
  switch (i.state) {
    case "sent": return one("done", "已收妥", "");
    case "sending": return one("doing", "正在发送", share || "正在送记录。");
    case "pending": return one("held", "待发送", share || "已封存，有信号时自动发送。");
    case "held": return one(i.why === "held_invalid" ? "near" : "held", i.why === "held_invalid" || i.why === "conflict" ? "等司法所定" : "已交司法所核实", i.why === "held_invalid" && i.words ? `${said}${i.words}` : said, remedy[i.why] ?? "");
    case "attention": {
      const nth = i.photos.findIndex((p) => p.state === "refused") + 1;
      const which = nth && i.why !== "receipt" ? `第${nth}张照片：` : "";
      return one("near", "需要处理", [said, i.words && `${which}${i.words}`].filter(Boolean).join(""), remedy[i.why] ?? remedy.invalid);
    }
    case "waiting": {
      if (i.why === "login" || i.why === "password" || i.why === "device_revoked") return one("near", "等登录", `${said}${share}`);
      if (i.why === "locked") return one("near", "等开锁", `${said}${share}`);
      const next = i.next_at <= now || i.next_at > now + 3600_000 ? "" : `${clock(i.next_at)}再试${i.tries > 1 ? `，第${i.tries + 1}次` : ""}。`;
      return one("held", atServer.has(i.why) ? "等服务器" : i.why === "phone" ? "等手机" : "等网络", `${said}${share}${next}`);
    }
  }
}

export const answerChanged = (code: string, from: Verdict, to: Verdict): string => `${code}从“${VERDICT[from]}”改成“${VERDICT[to]}”。`;
export const answerCleared = (code: string): string => `${code}的作答清掉了。`;

/** What is pointed out before sealing; nothing of it blocks. */
export const point: Record<Point, string> = {
  few_officers: "A02记了“符合”，可是执法人员只登记了1名。真是两人以上的，请补登记；只有一人的，请改成“不符合”，或者在A02备注里写明。",
  bad_card: "A03记了“符合”，可是有执法证按手机里的名录已过期或暂扣。请再核对一次，或者在A03备注里写明。",
  no_code: "还没有请被检查对象扫码评价。封存以后就不能再出示新的二维码了。",
  on_spot: "执法单位没有认可记录，记了“当场改正”的不能当场了结，送达后由司法所决定要不要登记。",
  alone: "监督人员只有您一个人。一般要两人以上，请在现场意见里写明原因。",
  clock: "这部手机的时钟和服务器差得多。记录照样收，期限一律按服务器收到的时间算。方便时请打开“自动设置时间”。",
};
