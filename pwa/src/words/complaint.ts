// Words of the life of a complaint (DOMAIN F): classes in two levels, deeds as buttons, what the time line says. Codes are the wire's.
import type { DeedWords, FieldSpec } from './desk'
import type { StateWord } from './common'

export interface Class {
  code: string
  word: string
  under: readonly (readonly [string, string])[]
}
/** F.2: the first level is the problem's category. */
export const CLASSES: readonly Class[] = [
  { code: 'inaction', word: '不作为', under: [['no_filing', '有案不立'], ['passing_on', '推诿扯皮'], ['overtime', '超期']] },
  { code: 'misconduct', word: '乱作为', under: [['wanton_check', '乱检查'], ['wanton_fine', '乱罚款'], ['wanton_fee', '乱收费'], ['wanton_seizure', '乱查封扣押'], ['beyond_power', '越权'], ['out_of_area', '异地执法'], ['fine_for_rule', '以罚代管']] },
  { code: 'procedure', word: '程序违法', under: [['no_badge', '未亮证'], ['alone', '一人执法'], ['rights_untold', '未告知权利'], ['unheard', '未听陈述申辩'], ['undelivered', '未送达']] },
  { code: 'manner', word: '不文明', under: [['language', '用语'], ['rough', '粗暴']] },
  { code: 'integrity', word: '廉洁', under: [['bribes', '吃拿卡要'], ['agents', '指定中介']] },
  { code: 'discretion', word: '裁量不当', under: [['excess', '过罚不当'], ['unequal', '同案不同罚']] },
  { code: 'qualification', word: '人员资格', under: [['uncertified', '无证上岗'], ['auxiliary', '辅助人员执法']] },
  { code: 'paperwork', word: '文书案卷', under: [] },
  { code: 'disturbance', word: '检查扰企', under: [['too_often', '频次过高'], ['repeated', '多头重复']] },
  { code: 'other', word: '其他', under: [] },
]
export const SUBCLASS: Record<string, string> = Object.fromEntries(CLASSES.flatMap((c) => c.under.map(([k, w]) => [k, w])))

export const COMPLAINT_STATE: Record<string, StateWord> = {
  received: { word: '待受理', shape: '' }, accepted: { word: '已受理', shape: 'set' }, investigating: { word: '调查中', shape: 'doing' }, proposed: { word: '待审批', shape: 'review' }, decided: { word: '待告知', shape: 'review' },
  answered: { word: '已告知', shape: 'done' }, closed: { word: '已归档', shape: 'done' }, refused: { word: '不予受理', shape: 'moved' }, transferred: { word: '已转送', shape: 'moved' },
}
/** What is due while a complaint stands in a state. */

export const FINDING: Record<string, string> = { founded: '属实', partly: '部分属实', unfounded: '不属实', unverifiable: '无法查实' }
export const GROUND: Record<string, string> = {
  not_enforcement: '反映的不是行政执法行为', elsewhere: '已经进入行政复议、诉讼、监察或信访程序', no_clue: '匿名反映，没有可以查证的线索', nothing_new: '已经答复过，没有新的事实和理由', settled: '执法单位已经依法处理完毕',
}
export const HOW: Record<string, string> = { phone: '电话', letter: '信函', in_person: '当面', online: '网上', '12345': '经12345' }
/** Why a clock stands still, and what is waited for meanwhile. */
export const PAUSE: Record<string, string> = { completion: '等投诉人补正', appraisal: '等鉴定', other_organ: '等其他机关的结果' }
export const OUTCOME: Record<string, string> = { done: '已办结', declined: '不予办理', silent: '催过，到期没有反馈' }
const YES_NO: Record<string, string> = { yes: '是', no: '否', unsure: '说不清' }
const GRADE: Record<string, string> = { satisfied: '满意', fair: '基本满意', unsatisfied: '不满意', unsure: '说不清' }
const URGENCY: Record<string, string> = { normal: '一般', urgent: '较急', critical: '特急' }

/** Words of each choice a deed's form offers, by field. */
export const CHOICE: Record<string, Record<string, string>> = {
  stop: { appraisal: PAUSE.appraisal!, other_organ: PAUSE.other_organ! }, outcome: OUTCOME, finding: FINDING, ground: GROUND, how: HOW, got_answer: { ...YES_NO, unreached: '没联系上' }, retaliation: { ...YES_NO, yes: '有', no: '没有' }, satisfied: GRADE, urgency: URGENCY, category: Object.fromEntries(CLASSES.map((c) => [c.code, c.word])),
}

const told: FieldSpec[] = [
  { name: 'how', kind: 'choice', label: '怎样告知的' },
  { name: 'told_on', kind: 'date', label: '告知的日期' },
  { name: 'deidentified', kind: 'check', label: '已去标识：凭查询码就能看到这段话，里面看不出是谁投诉的，也没有抄原话' },
]
const verified: FieldSpec = { name: 'verified', kind: 'line', label: '怎样核实是本人', hint: '比如“回拨登记的电话核对”。' }
const asked: FieldSpec = { name: 'reason', kind: 'area', label: '本人的请求', rows: 2 }
const REMEDY = '对执法行为不服的，可以依法申请行政复议或者提起行政诉讼；认为执法人员违纪违法的，可以向纪检监察机关反映。'
/** What a field holds before anything is typed. */
export const PRESET: Record<string, Record<string, string>> = { refuse: { remedies: REMEDY } }

export const COMPLAINT_DEED: Record<string, DeedWords> = {
  classify: { button: '分类', title: '分类', submit: '存下分类', done: '已分类', past: '分类', fields: [{ name: 'category', kind: 'choice', label: '类别' }, { name: 'subcategory', kind: 'choice', label: '具体是' }, { name: 'urgency', kind: 'choice', label: '紧急程度' }, { name: 'agency_id', kind: 'agency', label: '被投诉的单位', hint: '名录里对得上的选一个；对不上就不选。' }] },
  supplement: { button: '记下补充的情况', title: '记下补充的情况', effect: '投诉人又说的、送来的，或者查到的，写进这件投诉，不另立一件。', submit: '记下', done: '已记下', past: '补充情况', fields: [{ name: 'text', kind: 'area', label: '补充了什么', hint: '不要写投诉人的姓名和电话。' }] },
  accept: { button: '受理', title: '受理这件投诉', effect: '受理后开始计算查清并处理的期限。', submit: '受理', done: '已受理', past: '受理', fields: [{ name: 'reason', kind: 'area', label: '为什么仍然受理', hint: '投诉人说已经走了别的程序的，写明理由。', rows: 2 }] },
  refuse: { button: '不予受理', title: '不予受理？', effect: '理由和救济途径要告诉投诉人，凭查询码也看得到。没有登记为问题的线索随之了结。', submit: '不予受理', done: '已决定不予受理', past: '不予受理', fields: [{ name: 'ground', kind: 'choice', label: '属于哪一种' }, { name: 'text', kind: 'area', label: '写给投诉人的理由', rows: 4 }, { name: 'remedies', kind: 'area', label: '可以怎样救济', rows: 3 }, ...told] },
  transfer: { button: '转送别的机关', title: '转送别的机关？', effect: '不归我们管的，转给该管的机关，并告诉投诉人转到了哪里。到期要有书面结果。', submit: '转送', done: '已转送', past: '转送', fields: [{ name: 'to', kind: 'line', label: '转送给谁' }, { name: 'reason', kind: 'area', label: '为什么转', hint: '留在记录里，投诉人看不到。', rows: 3 }, ...told] },
  assign: { button: '指定调查人员', title: '指定调查人员', effect: '至少两名。指定以后，只有他们能看投诉人是谁、写处理意见。', submit: '指定', done: '调查人员已指定', past: '指定调查人员', fields: [{ name: 'first_id', kind: 'person', label: '第一名' }, { name: 'second_id', kind: 'person', label: '第二名' }, { name: 'third_id', kind: 'person', label: '第三名' }] },
  recuse: { button: '回避', title: '回避', effect: '回避的人不能再办、也不能再看投诉人是谁。自己可以申请；要别人回避，由县司法局决定。', submit: '回避', done: '已回避', past: '回避', fields: [{ name: 'account_id', kind: 'person', label: '谁回避' }, { name: 'reason', kind: 'area', label: '回避的理由', hint: '本人或近亲属、有利害关系、其他影响公正的情形。', rows: 3 }] },
  'ask-extension': { button: '申请延期（只能一次）', title: '申请延期', effect: '由局领导审批。批准前原来的期限照算。', submit: '申请延期', done: '延期申请已提交', past: '申请延期', fields: [{ name: 'reason', kind: 'area', label: '为什么要延期' }] },
  extend: { button: '同意延期', title: '同意延期？', effect: '期限按规则延长，只能延一次。', done: '已同意延期', past: '同意延期', fields: [] },
  'decline-extension': { button: '不同意延期', title: '不同意延期？', effect: '原来的期限不变。', done: '已答复不同意延期', past: '不同意延期', fields: [{ name: 'reason', kind: 'area', label: '理由' }] },
  decide: { button: '写处理意见', title: '处理意见', effect: '写清查了什么、怎么处理，送局领导审批。查实的要先在线索里登记为问题。', submit: '送审批', done: '处理意见已送审批', past: '处理意见', fields: [{ name: 'finding', kind: 'choice', label: '调查结论' }, { name: 'text', kind: 'area', label: '处理意见', hint: '内部意见，投诉人看不到；告知时另写。', rows: 5 }] },
  approve: { button: '批准处理意见', title: '批准这份处理意见？', effect: '批准后按时限告知投诉人。不属实、无法查实的，没有登记的线索随之了结。', submit: '批准', done: '处理意见已批准，等告知投诉人', past: '批准处理意见', fields: [] },
  'send-back': { button: '退回重写', title: '退回处理意见？', effect: '退给调查人员。原来的期限照算。', submit: '退回', done: '处理意见已退回', past: '退回处理意见', fields: [{ name: 'reason', kind: 'area', label: '为什么退回', rows: 3 }] },
  'ask-completion': { button: '要求补正', title: '要求投诉人补正？', effect: '期限停下来等，最多等到补正到期那天。要补什么一次写全，只能要求一次。', submit: '要求补正', done: '已要求补正，期限停下了', past: '要求补正', fields: [{ name: 'text', kind: 'area', label: '要补什么', rows: 4 }, ...told] },
  'stop-clock': { button: '停止计算期限', title: '停止计算期限？', effect: '只在等鉴定、等其他机关结果时停，写明理由、附上凭据。', submit: '停止计算', done: '期限停下了', past: '停止计算期限', fields: [{ name: 'stop', kind: 'choice', label: '等什么' }, { name: 'reason', kind: 'area', label: '理由', hint: '委托了谁、问了哪个机关、什么时候。', rows: 3 }, { name: 'photos', kind: 'photos', label: '凭据', hint: '委托书、函件或者回执。' }] },
  'run-on': { button: '恢复计算期限', title: '恢复计算期限', effect: '从收到的第二天接着算，停下的日子不算。', submit: '恢复计算', done: '期限接着算了', past: '恢复计算期限', fields: [{ name: 'arrived_on', kind: 'date', label: '哪一天收到的' }, { name: 'text', kind: 'area', label: '收到了什么', hint: '没有补上的，写明没有补。不要写投诉人的姓名和电话。', rows: 3 }, { name: 'photos', kind: 'photos', label: '材料' }] },
  press: { button: '催问', title: '催问转送的机关', effect: '重新计算要书面结果的日子。', submit: '记下催问', done: '已记下催问', past: '催问转送的机关', fields: [{ name: 'text', kind: 'area', label: '怎样催的、对方怎样说', rows: 3 }, { name: 'handled_on', kind: 'date', label: '对方哪一天办结的', hint: '对方说已经办结才填；书面结果从这一天算。' }] },
  outcome: { button: '记下办理结果', title: '转送的机关怎样办的', submit: '记下结果', done: '办理结果已记下', past: '转送的机关有结果', fields: [{ name: 'outcome', kind: 'choice', label: '结果' }, { name: 'text', kind: 'area', label: '写明哪一天、什么文书、怎样处理', rows: 4 }, { name: 'photos', kind: 'photos', label: '书面结果' }] },
  answer: { button: '告知结果', title: '告知投诉人', effect: '这段话凭查询码看得到，送出后不能改。', submit: '记下告知', done: '已告知投诉人', past: '告知结果', fields: [{ name: 'text', kind: 'area', label: '答复投诉人的话', rows: 5 }, ...told] },
  'follow-up': { button: '登记回访', title: '回访', effect: '照着问：收到答复没有，满意不满意，有没有人为这事为难您。没联系上也登记，后两项选“说不清”，写明几点打的；换三天都没联系上，就不再催。归档以后也要回访。', submit: '登记回访', done: '回访已登记', past: '回访', fields: [{ name: 'got_answer', kind: 'choice', label: '收到答复了吗' }, { name: 'satisfied', kind: 'choice', label: '对办理满意吗' }, { name: 'retaliation', kind: 'choice', label: '有没有打击报复' }, { name: 'text', kind: 'area', label: '还说了什么', rows: 3 }] },
  close: { button: '归档', title: '归档', effect: '这件投诉办完了。', submit: '归档', done: '已归档', past: '归档', fields: [{ name: 'text', kind: 'area', label: '办结情况', rows: 3 }] },
  reopen: { button: '重新办理', title: '重新办理？', effect: '回到已受理，期限重新计算，算作又办一次。', submit: '重新办理', done: '已重新办理', past: '重新办理', fields: [{ name: 'reason', kind: 'area', label: '为什么重新办', hint: '比如有新证据、回访不满意且有理。' }] },
  'give-access': { button: '本人查阅信息', title: '本人查阅个人信息', effect: '记下已应本人要求给他看过我们保存的个人信息。', submit: '记下', done: '已记下', past: '本人查阅个人信息', fields: [verified, asked] },
  'correct-person': { button: '更正个人信息', title: '更正个人信息', effect: '按本人的要求改，原来的不再保留。', submit: '更正', done: '个人信息已更正', past: '更正个人信息', fields: [verified, asked, { name: 'name', kind: 'line', label: '姓名' }, { name: 'phone', kind: 'line', label: '电话' }, { name: 'address', kind: 'line', label: '地址' }, { name: 'id_number', kind: 'line', label: '证件号码' }] },
  'erase-person': { button: '删除个人信息', title: '删除个人信息？', effect: '投诉内容留着，投诉人是谁从此谁也查不到。', submit: '删除个人信息', done: '个人信息已删除', past: '删除个人信息', fields: [verified, asked], final: '删除后不能恢复，以后也没法再联系本人。' },
  reveal: { button: '', title: '', done: '', past: '查看了投诉人身份', fields: [] },
  file: { button: '', title: '', done: '', past: '收到投诉', fields: [] },
  release: { button: '', title: '', done: '', past: '看过，是真人填的', fields: [] },
}
/** The deeds about a person's own data: they stand apart from the work on the matter. */
export const RIGHTS = ['give-access', 'correct-person', 'erase-person']
export const ABOUT: Record<string, string> = { office: '被投诉的是本系统的司法所，那个所的人都要回避，由县司法局办。', bureau: '被投诉的是县司法局自己，只能转送上级机关或监察机关。' }
