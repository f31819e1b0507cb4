// What in a text for the agency may give away who spoke. It only points; a person decides (DOMAIN F.3, invariant 4).

export interface Giveaway {
  piece: string
  why: string
}
const RULES: readonly [RegExp, string][] = [
  [/1[3-9]\d{9}|0\d{2,3}-?\d{7,8}/g, '电话号码'],
  [/\d{17}[\dXx]/g, '身份证号'],
  [/[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}/g, '统一社会信用代码'],
  [/(?:\d{4}年)?\d{1,2}月\d{1,2}日(?:上午|下午|晚上)?(?:\d{1,2}[时点](?:\d{1,2}分)?)?/g, '具体日期'],
  [/\d{4}-\d{2}-\d{2}/g, '具体日期'],
  [/\d{1,2}[时点:：]\d{1,2}分?/g, '具体时刻'],
  [/“[^”]{2,}”/g, '原话'],
  [/(?:投诉人|举报人|填表人|反映人|店主|老板|当事人)[\u4e00-\u9fa5]{0,3}(?:称|说|反映|表示)/g, '能看出是谁说的'],
  [/投诉|举报|反馈表|热线|12345/g, '来源'],
]

/** Pieces worth a second look, each once; `names` are the business and people of the record. */
export function giveaways(text: string, names: readonly string[] = []): Giveaway[] {
  const out: Giveaway[] = []
  const add = (piece: string, why: string) => {
    if (piece && !out.some((g) => g.piece === piece || g.piece.includes(piece))) out.push({ piece, why })
  }
  for (const n of names) if (n.length > 1 && text.includes(n)) add(n, '名称')
  for (const [re, why] of RULES) for (const m of text.matchAll(re)) add(m[0], why)
  return out
}
