// What two pages of one phone wrote differently, in words a person can choose by.
import type { Answer, OfficerSign } from "../offline/types";
import { OVERALL, VERDICT } from "./common";
import { method, stance } from "./field";

const names: Record<string, string> = {
  opinion: "现场意见", overall: "总体评价", stop: "当场制止", place: "位置", helpers: "协助人员人数", method: "监督方式", mode: "记录多少项", late_reason: "补录原因",
  reason: "更正原因", officer_sign: "执法人员签字", ticket_id: "评价二维码", notice_number: "检查通知书文号", external_code: "备案编号", business: "被检查对象", matter: "检查事项", ended_at: "结束时间",
};

export function clashField(field: string): string {
  if (field.startsWith("answers.")) return field.slice(8);
  if (field.startsWith("observations.")) return "其他情况";
  return names[field] ?? "其他内容";
}

/** clashValue: one of the two versions, short enough to compare. */
export function clashValue(field: string, v: unknown): string {
  if (v === null || v === undefined || v === "") return "（空着）";
  if (field.startsWith("answers.")) {
    const a = v as Answer;
    return [VERDICT[a.result], a.note && `备注：${a.note}`].filter(Boolean).join("，");
  }
  if (field === "overall") return OVERALL[String(v)] ?? String(v);
  if (field === "method") return method[String(v)] ?? String(v);
  if (field === "mode") return v === "quick" ? "快速" : "全部";
  if (field === "officer_sign") {
    const s = v as OfficerSign;
    return [s.name, s.stance && stance[s.stance], s.text, s.signature && "已签名"].filter(Boolean).join("，") || "（空着）";
  }
  if (field === "stop") return (v as { reason: string }).reason || "已登记，没有写事由";
  if (field === "business") return (v as { name: string }).name;
  if (field === "place") return "记了位置";
  return typeof v === "object" ? "另一份内容" : String(v);
}
