// What became of a finding, told to the supervisor who made it.
import type { ChipShape } from "../ui/shapes";

export interface MyFinding {
  id: string; visit_number: string; business_name: string; item: string; text: string; severity: "redline" | "general" | "minor"; note: string;
  happened_at: string; lead_number: string; problem_number: string; outcome: string; reason: string;
}
export interface Fate { word: string; shape: ChipShape; line: string }

export function fate(f: MyFinding): Fate {
  const n = f.problem_number;
  switch (f.outcome) {
    case "corrected": return { word: "当场已改", shape: "done", line: "现场指出，当场改正。" };
    case "offered": return { word: "等司法所决定", shape: "", line: "已送到司法所，由司法所决定是否登记为问题。" };
    case "waived": return { word: "不登记", shape: "moved", line: `司法所决定不登记：${f.reason || "没有写理由"}` };
    case "received": return { word: "待核实", shape: "", line: `已成为线索${f.lead_number}，等着核实。` };
    case "not_registered": return { word: "不予登记", shape: "moved", line: `核实后不予登记：${f.reason || "没有写理由"}` };
    case "referred": return { word: "已移送", shape: "moved", line: `已移送有关机关处理。${f.reason}` };
    case "registered": return { word: "已确认", shape: "set", line: `已登记为问题${n}。` };
    case "rectifying": return { word: "整改中", shape: "doing", line: `问题${n}正在整改。` };
    case "submitted": return { word: "待复核", shape: "review", line: `问题${n}的整改已经报上来，等司法所复核。` };
    case "disputed": return { word: "异议复核", shape: "dispute", line: `执法单位对问题${n}有异议，正在复核。` };
    case "closed": return { word: "已销号", shape: "done", line: `问题${n}已整改，复核通过。` };
    case "withdrawn": return { word: "已撤回", shape: "moved", line: `问题${n}经异议复核撤回。${f.reason}` };
    case "superseded": return { word: "已更正", shape: "moved", line: "后来的更正里没有这一项了。" };
    default: return { word: "处理中", shape: "", line: "" };
  }
}
