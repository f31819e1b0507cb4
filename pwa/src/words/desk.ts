// Words of the desk: deeds as buttons, what each does, what the time line says afterwards.
export type FieldKind = 'area' | 'line' | 'date' | 'choice' | 'photos' | 'check' | 'agency' | 'person'
export interface FieldSpec {
  name: string
  kind: FieldKind
  label: string
  hint?: string
  required?: boolean
  min?: number
  max?: number
  rows?: number
  choices?: string[]
}
export interface DeedWords {
  /** On the button, says its deed. */
  button: string
  /** Heading of the form. */
  title: string
  /** What it does; the confirmation. */
  effect?: string
  /** On the sending button; the button's words unless said. */
  submit?: string
  /** Toast. */
  done: string
  /** In the time line. */
  past: string
  fields: FieldSpec[]
  /** Cannot be taken back: said in the form, needs a tick. */
  final?: string
}
const reason = (label: string, hint?: string): FieldSpec => ({ name: 'reason', kind: 'area', label, hint, required: true, min: 2, max: 2000 })
const text = (label: string, hint?: string): FieldSpec => ({ name: 'text', kind: 'area', label, hint, required: true, min: 2, max: 4000 })
const served: FieldSpec = { name: 'served_on', kind: 'date', label: '送达日期', required: true }
const letter: FieldSpec = { name: 'letter_number', kind: 'line', label: '移送函文号', required: true, min: 2, max: 60 }
const dueOn: FieldSpec = { name: 'due_on', kind: 'date', label: '期限', hint: '不填就按规则算。文书里写了日期的，填文书上的。' }

export const DEED: Record<string, DeedWords> = {
  deidentify: { button: '去标识', title: '写给执法单位看的事实', effect: '发给执法单位的只有这一段。', submit: '已去标识，保存', done: '已去标识，可以反馈给执法单位', past: '去标识', fields: [text('去标识后的写法'), { name: 'photos', kind: 'photos', label: '给执法单位看的照片' }] },
  order: { button: '反馈给执法单位', title: '反馈给执法单位', effect: '送达后执法单位就能看到去标识后的事实和期限。', submit: '登记送达', done: '已登记送达，进入整改', past: '反馈给执法单位', fields: [{ name: 'rung', kind: 'choice', label: '文书', required: true }, served, dueOn, { name: 'note', kind: 'area', label: '整改要求', hint: '一条一行，执法单位看得到。' }, { name: 'urgent_reason', kind: 'area', label: '为什么不能等', hint: '留在记录里，执法单位看不到。', min: 10, max: 2000, rows: 2 }] },
  hasten: { button: '同意马上发出', title: '同意不等，马上发出？', effect: '同意后，已交付的文书马上送达执法单位。', final: '旁边没有别的企业，对方容易猜到是谁反映的。发出以后收不回来。', submit: '同意马上发出', done: '已同意，已经送达', past: '同意马上发出', fields: [{ name: 'urgent_reason', kind: 'area', label: '为什么不能等', hint: '留在记录里，执法单位看不到。', min: 10, max: 2000, rows: 2 }] },
  queue: { button: '交付统一发出', title: '交付统一发出', effect: '先不发给执法单位。等这一批里有5家被检查的单位，在周一上午和别的一起发出，期限从发出那天起算。这样对方猜不出是谁反映的。', submit: '交付统一发出', done: '已交付，到时一起发出', past: '交付统一发出', fields: [{ name: 'rung', kind: 'choice', label: '文书', required: true }, { name: 'note', kind: 'area', label: '整改要求', hint: '一条一行，发出后执法单位看得到。' }] },
  'correct-on-spot': { button: '已当场改正', title: '登记当场改正', effect: '只用于瑕疵。登记后等另一个人复核。', submit: '登记当场改正', done: '已登记当场改正，等复核', past: '当场改正', fields: [{ name: 'acknowledged', kind: 'check', label: '执法单位在场人员认可', required: true }, { name: 'photos', kind: 'photos', label: '改正后的照片', required: true }, { name: 'note', kind: 'area', label: '怎样改正的' }] },
  submit: { button: '提交整改报告', title: '整改报告', submit: '提交整改报告', done: '整改报告已提交，等司法所复核', past: '提交整改报告', fields: [
    { name: 'measures', kind: 'area', label: '采取了什么措施', required: true, min: 2, max: 4000 }, { name: 'result', kind: 'area', label: '结果怎样', required: true, min: 2, max: 4000 },
    { name: 'responsible', kind: 'area', label: '责任人怎么处理', hint: '红线问题必须写。', max: 2000, rows: 2 }, { name: 'photos', kind: 'photos', label: '佐证材料', hint: '至少1件，比如签到表、新的通知书。文件请拍成照片。', required: true }] },
  'ask-extension': { button: '申请延期（只能一次）', title: '申请延期', effect: '只能申请一次，最多比原定期限晚20日。批准前原期限照算。', submit: '申请延期', done: '延期申请已提交', past: '申请延期', fields: [{ name: 'until', kind: 'date', label: '延到哪一天', required: true }, reason('为什么要延期')] },
  extend: { button: '同意延期', title: '同意延期', effect: '新的期限执法单位看得到，只能延一次。', done: '已同意延期', past: '同意延期', fields: [{ name: 'until', kind: 'date', label: '新的期限', required: true }] },
  'decline-extension': { button: '不同意延期', title: '不同意延期？', effect: '原来的期限不变，理由执法单位看得到。', done: '已答复不同意延期', past: '不同意延期', fields: [reason('理由')] },
  object: { button: '提出异议', title: '提出异议', effect: '异议由县司法局复核。复核期间这件事停在“异议复核”。', submit: '提出异议', done: '异议已提交，等县司法局复核', past: '提出异议', fields: [text('哪里不对，依据是什么')] },
  uphold: { button: '维持原要求', title: '维持原来的要求', effect: '执法单位继续整改，理由对方看得到。', submit: '维持', done: '已维持，继续整改', past: '异议复核：维持', fields: [text('复核意见')] },
  amend: { button: '变更要求', title: '变更要求', effect: '按新的要求和期限继续整改，对方看得到。', submit: '变更', done: '已变更，继续整改', past: '异议复核：变更', fields: [text('变更后的要求'), { ...dueOn, hint: '新的期限。', required: true }] },
  withdraw: { button: '撤回这个问题', title: '撤回这个问题？', effect: '问题不成立，执法单位不用再整改，理由对方看得到。', submit: '撤回问题', done: '已撤回', past: '异议复核：撤回', fields: [text('撤回的理由')], final: '撤回以后不能恢复，只能重新登记。' },
  escalate: { button: '升级文书', title: '升级', effect: '用上一级文书再次要求整改，期限重新起算。', submit: '登记送达', done: '已升级，期限重新起算', past: '升级', fields: [{ name: 'rung', kind: 'choice', label: '文书', required: true }, served, dueOn, { name: 'note', kind: 'area', label: '整改要求', hint: '一条一行，执法单位看得到。' }, { name: 'override_reason', kind: 'area', label: '越级的理由', hint: '没有先发意见书、或意见书期限没有过，就发决定书的，局领导写明理由。', max: 2000, rows: 2 }] },
  close: { button: '复核通过，销号', title: '复核通过，销号', effect: '整改到位，这件事办结。', submit: '销号', done: '已销号', past: '复核通过', fields: [{ name: 'conclusion', kind: 'area', label: '结论写明', hint: '怎样核的，核了什么。', required: true, min: 2, max: 4000 }, { name: 'look_back_on', kind: 'date', label: '回头看日期', hint: '红线问题必须定。' }] },
  return: { button: '退回重新整改', title: '退回重新整改', effect: '进入下一轮，理由执法单位看得到。', submit: '退回', done: '已退回，进入下一轮', past: '退回', fields: [reason('退回的理由', '写清还缺什么。'), { ...dueOn, hint: '新的期限。', required: true }] },
  reopen: { button: '重新打开', title: '重新打开', effect: '回头看不合格，或者有了新线索：回到整改中，计入重新打开的次数。', submit: '重新打开', done: '已重新打开', past: '重新打开', fields: [reason('理由'), { ...dueOn, hint: '新的期限。' }] },
  refer: { button: '移送其他机关', title: '移送其他机关？', effect: '这件事不再由执法单位整改，由对方办。到期要有书面结果。', submit: '移送', done: '已移送，等书面结果', past: '移送', fields: [{ name: 'to', kind: 'line', label: '移送给谁', required: true, min: 2, max: 100 }, letter, reason('理由')], final: '移送以后不能收回。' },
  press: { button: '催问', title: '催问移送的机关', effect: '重新计算要书面结果的日子。', submit: '记下催问', done: '已记下催问', past: '催问移送的机关', fields: [{ name: 'text', kind: 'area', label: '怎样催的、对方怎样说', min: 2, rows: 3 }, { name: 'handled_on', kind: 'date', label: '对方哪一天办结的', hint: '对方说已经办结才填；书面结果从这一天算。' }] },
  outcome: { button: '记下办理结果', title: '移送的机关怎样办的', submit: '记下结果', done: '办理结果已记下', past: '移送的机关有结果', fields: [{ name: 'outcome', kind: 'choice', label: '结果' }, { name: 'text', kind: 'area', label: '写明哪一天、什么文书、怎样处理', min: 2, rows: 4 }, { name: 'photos', kind: 'photos', label: '书面结果' }] },
  accountability: { button: '建议责任追究', title: '建议责任追究', effect: '加上“责任追究”的标记，整改照常进行。', submit: '提出建议', done: '已标记责任追究', past: '建议责任追究', fields: [text('建议追究谁、为什么')] },
  join: { button: '并入', title: '并入', done: '已并入', past: '又并入一条线索', fields: [] },
  register: { button: '登记为新问题', title: '登记为新问题', done: '已登记', past: '登记为问题', fields: [] },
}

/** A letter out of a public voice, sent by itself: other words than an order among others. */
export const ORDER_ALONE = { button: '不等，单独发出', title: '不等，单独发给执法单位？', effect: '不等别的一起，登记送达后执法单位马上就能看到。', final: '发出以后收不回来。' }

/** What the agency reads for the same states: who is to move. */
export const AGENCY_STATE: Record<string, string> = { rectifying: '等您报告', submitted: '司法局复核中', disputed: '异议复核中', closed: '已办结', withdrawn: '已撤回', referred: '已移送', confirmed: '等您签收' }

export const LEAD_PAST: Record<string, string> = { raise: '收到线索', register: '登记为问题', attach: '并入', dismiss: '不予登记', refer: '移送', press: '催问移送的机关', outcome: '移送的机关有结果', second: '同一编号的另一份' }

/** Whose move it is, as a role word in the time line. */
export const ACTOR_ROLE: Record<string, string> = { county: '县司法局', leader: '局领导', office: '司法所', supervisor: '监督员', agency: '执法单位', hotline: '热线', system: '系统', public: '公众' }

export const FIELD_WORD: Record<string, string> = {
  measures: '措施', result: '结果', responsible: '责任人处理', reason: '理由', conclusion: '结论', until: '延到', due_on: '期限', rung: '文书', served_on: '送达', to: '去向', letter_number: '移送函文号', handled_on: '对方办结', outcome: '结果', note: '要求', look_back_on: '回头看', override_reason: '越级理由', urgent_reason: '为什么不能等', text: '内容',
}
