// The rules that the server checks a sealed record by (internal/visit/sheet.go), asked before it is sealed: afterwards
// nothing can be changed. test/vectors/sheet-rules.json holds both sides to one table. Times are claims and have no rule
// but that they can be read.
import type { Checklist } from "./types";

/** One broken rule: the field as the server names it. */
export interface RuleFault { field: string; words: string }

const verdicts = ["yes", "no", "na", "unseen"];
const matters = ["safety", "appearance", "construction", "land", "environment", "food", "agriculture", "fire", "other"];
const methods = ["accompanied", "special", "unannounced", "random", "casefile"];
const kinds = ["company", "household", "farm", "other"];
const types = ["image/jpeg", "image/png", "image/webp", "image/heic", "image/heif"];
const most = { people: 20, photos: 200, notes: 50, slot: 30, declared: 300, bytes: 20 << 20 };
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const nil = "00000000-0000-0000-0000-000000000000";
const hash = /^[0-9a-f]{64}$/;

interface Spot { lat: number; lng: number; accuracy: number; datum: string }
interface Answer { code: string; result: string; note: string; no_photo_reason?: string; photos: string[]; corrected?: boolean }
interface Photo { sha256: string; size: number; type: string; source: string; place: Spot | null }
/** A sealed record, as far as rules look at it. */
export interface Body {
  id: string; visit_id: string; version: number; supersedes?: string; reason?: string; app_version: string; mode: string; method: string;
  visit: { agency_id: string; business_id?: string; business: { name: string; uscc?: string; address?: string; kind?: string }; matter: string; notice_number: string; external_code: string; supervisor_ids: string[] };
  recusal: { declared: boolean }; late_reason?: string; officers: { id?: string; name: string; credential_number: string; standing: string }[]; helpers: unknown;
  answers: Answer[]; observations: { text: string; photos: string[] }[]; stop: { reason: string } | null; opinion: string; overall: string;
  officer_sign: { name: string; credential_number: string; stance: string; text: string; signature: string };
  supervisor_signs: { account_id: string; name: string; signature: string }[]; place: Spot | null; ticket_id?: string; photos: Photo[];
}

/** unprintable: control characters, halves of a pair, and what stands for a character that was lost. */
const unprintable = (ch: string): boolean => {
  const n = ch.codePointAt(0)!;
  return (n < 32 && !"\n\t\r".includes(ch)) || n === 127 || n === 0xfffd || (n >= 0xd800 && n <= 0xdfff);
};

class Checker {
  readonly found: RuleFault[] = [];
  readonly held = new Set<string>();
  add = (field: string, words: string): void => void this.found.push({ field, words });

  text(field: string, s: string, least: number, top: number): void {
    const n = [...s.trim()].length;
    if (least > 0 && n === 0) this.add(field, "没有填");
    else if (n < least) this.add(field, `写得太短，至少${least}个字`);
    else if (n > top) this.add(field, `写得太长，最多${top}个字`);
    else if ([...s].some(unprintable)) this.add(field, "文字里有无法保存的字符，请删去");
  }
  oneOf(field: string, s: string, known: readonly string[]): void {
    if (!known.includes(s)) this.add(field, "没有这一种");
  }
  ref(field: string, id: string | undefined, must: boolean): void {
    if (id ? !uuid.test(id) || (must && id === nil) : must) this.add(field, "编号格式不对");
  }
  spot(field: string, p: Spot | null): void {
    if (!p) return;
    if (Math.abs(p.lat) > 90 || Math.abs(p.lng) > 180 || p.accuracy < 0 || p.accuracy > 1e6) this.add(field, "位置不对");
    this.text(`${field}.datum`, p.datum, 0, 20);
  }
  refs(field: string, shas: readonly string[]): void {
    if (shas.length > most.slot) return this.add(field, `一处最多${most.slot}张照片`);
    const seen = new Set<string>();
    shas.forEach((s, i) => {
      if (!this.held.has(s) || seen.has(s)) this.add(`${field}[${i}]`, "这张照片不在清单里，或者写了两次");
      seen.add(s);
    });
  }
}

/** ruleFaults: every rule that the server would find broken. */
export function ruleFaults(b: Body, list: Checklist): RuleFault[] {
  const c = new Checker();
  head(c, b);
  people(c, b);
  photos(c, b.photos);
  answers(c, b, list);
  rest(c, b);
  signs(c, b);
  if (places(b) > most.declared) c.add("photos", `照片用的地方太多，一份记录最多${most.declared}处`);
  return c.found;
}

/** places: how often photos are named; one that belongs to no line counts once. */
function places(b: Body): number {
  const all = [...b.answers.flatMap((a) => a.photos), ...b.observations.flatMap((o) => o.photos), b.officer_sign.signature, ...b.supervisor_signs.map((s) => s.signature)];
  const listed = new Set(b.photos.map((p) => p.sha256));
  const named = all.filter((s) => listed.has(s));
  return named.length + b.photos.filter((p) => !named.includes(p.sha256)).length;
}

function head(c: Checker, b: Body): void {
  c.ref("id", b.id, true);
  c.ref("visit_id", b.visit_id, true);
  c.ref("supersedes", b.supersedes, b.version > 1);
  c.ref("ticket_id", b.ticket_id, false);
  if (b.version < 1 || b.version > 99) c.add("version", "版本号从1到99");
  if (b.version === 1 && b.supersedes) c.add("supersedes", "第1版不更正别的记录");
  c.text("reason", b.reason ?? "", b.version > 1 ? 5 : 0, b.version > 1 ? 500 : 0);
  c.text("app_version", b.app_version, 0, 40);
  c.oneOf("mode", b.mode, ["full", "quick"]);
  c.oneOf("method", b.method, methods);
  const v = b.visit;
  c.ref("visit.agency_id", v.agency_id, true);
  c.ref("visit.business_id", v.business_id, false);
  c.text("visit.business.name", v.business.name, 2, 100);
  c.text("visit.business.address", v.business.address ?? "", 0, 200);
  if (v.business.uscc && v.business.uscc.length !== 18) c.add("visit.business.uscc", "统一社会信用代码是18位，没有就空着");
  c.text("visit.business.uscc", v.business.uscc ?? "", 0, 18);
  if (v.business.kind) c.oneOf("visit.business.kind", v.business.kind, kinds);
  c.oneOf("visit.matter", v.matter, matters);
  c.text("visit.notice_number", v.notice_number, 0, 60);
  c.text("visit.external_code", v.external_code, 0, 60);
  if (!b.recusal.declared) c.add("recusal.declared", "还没有作回避声明");
  c.text("late_reason", b.late_reason ?? "", 0, 500);
}

function people(c: Checker, b: Body): void {
  const ids = b.visit.supervisor_ids;
  ids.forEach((id, i) => c.ref(`visit.supervisor_ids[${i}]`, id, true));
  if (!ids.length) c.add("visit.supervisor_ids", "至少要有一名监督人员");
  if (ids.length > most.people) c.add("visit.supervisor_ids", `最多${most.people}人`);
  else ids.forEach((id, i) => ids.indexOf(id) < i && c.add(`visit.supervisor_ids[${i}]`, "同一个人写了两次"));
  if (b.officers.length > most.people) return c.add("officers", `最多${most.people}人`);
  b.officers.forEach((o, i) => {
    const f = `officers[${i}]`;
    c.ref(`${f}.id`, o.id, false);
    c.text(`${f}.name`, o.name, 1, 40);
    c.text(`${f}.credential_number`, o.credential_number, 0, 40);
    c.oneOf(`${f}.standing`, o.standing, ["valid", "expired", "unknown", "suspended"]);
  });
  if (!Number.isInteger(b.helpers) || (b.helpers as number) < 0 || (b.helpers as number) > 99) c.add("helpers", "要填0到99的整数");
}

function photos(c: Checker, list: readonly Photo[]): void {
  if (list.length > most.photos) return c.add("photos", `照片最多${most.photos}张`);
  list.forEach((p, i) => {
    const f = `photos[${i}]`;
    if (!hash.test(p.sha256)) c.add(`${f}.sha256`, "照片的校验码不对");
    else if (c.held.has(p.sha256)) c.add(`${f}.sha256`, "同一张照片写了两次");
    if (p.size < 1 || p.size > most.bytes) c.add(`${f}.size`, "照片大小不对，最多20兆");
    c.held.add(p.sha256);
    c.oneOf(`${f}.type`, p.type, types);
    c.oneOf(`${f}.source`, p.source, ["camera", "album", "signature"]);
    c.spot(`${f}.place`, p.place);
  });
}

function answers(c: Checker, b: Body, list: Checklist): void {
  if (b.answers.length > list.items.length) return c.add("answers", "比清单的项目还多");
  const done = new Set<string>();
  b.answers.forEach((a, i) => {
    const f = `answers[${i}]`;
    const item = list.items.find((x) => x.code === a.code);
    if (!item || done.has(a.code)) return c.add(`${f}.code`, "清单里没有这一项，或者答了两次");
    done.add(a.code);
    c.oneOf(`${f}.result`, a.result, verdicts);
    c.text(`${f}.no_photo_reason`, a.no_photo_reason ?? "", 0, 200);
    c.refs(`${f}.photos`, a.photos);
    c.text(`${f}.note`, a.note, a.result === "no" ? 10 : 0, 1000);
    if (a.result === "no" && !a.photos.length && !a.no_photo_reason?.trim()) c.add(`${f}.photos`, "不符合的要有照片，或写明为什么没有");
    if (a.corrected && (a.result !== "no" || item.sev !== "minor")) c.add(`${f}.corrected`, "只有不符合的瑕疵项可以当场改正");
  });
  const open = (b.mode === "quick" ? list.quick : list.items.map((i) => i.code)).filter((code) => !done.has(code));
  if (open.length) c.add("answers", `还有${open.length}项没有作答`);
}

function rest(c: Checker, b: Body): void {
  if (b.observations.length > most.notes) c.add("observations", `最多${most.notes}条`);
  else
    b.observations.forEach((o, i) => {
      c.text(`observations[${i}].text`, o.text, 1, 2000);
      c.refs(`observations[${i}].photos`, o.photos);
    });
  if (b.stop) c.text("stop.reason", b.stop.reason, 5, 500);
  c.text("opinion", b.opinion, 0, 2000);
  c.oneOf("overall", b.overall, ["standard", "mostly", "poor"]);
  c.spot("place", b.place);
}

function signs(c: Checker, b: Body): void {
  const o = b.officer_sign;
  c.oneOf("officer_sign.stance", o.stance, ["accept", "object", "refused"]);
  c.text("officer_sign.name", o.name, 0, 40);
  c.text("officer_sign.credential_number", o.credential_number, 0, 40);
  c.text("officer_sign.text", o.text, 0, 1000);
  if (o.stance !== "refused" && !o.signature) c.add("officer_sign.signature", "执法人员还没有签名");
  if (o.signature && !c.held.has(o.signature)) c.add("officer_sign.signature", "这张签名不在照片清单里");
  if (!b.supervisor_signs.length || b.supervisor_signs.length > most.people) return c.add("supervisor_signs", "至少要有一名监督人员签名");
  b.supervisor_signs.forEach((g, i) => {
    const f = `supervisor_signs[${i}]`;
    if (!b.visit.supervisor_ids.includes(g.account_id)) c.add(`${f}.account_id`, "签名的人不在监督人员里");
    c.text(`${f}.name`, g.name, 1, 40);
    if (!c.held.has(g.signature)) c.add(`${f}.signature`, "这张签名不在照片清单里");
  });
}
